import { Component, createRef, type ComponentChildren } from "preact";

interface Props {
  readonly label: string;
  /** The view follows what comes at its end. */
  readonly isPinned: boolean;
  readonly onPinned: (isPinned: boolean) => void;
  readonly onNearTop: () => void;
  readonly onNearBottom: () => void;
  readonly children: ComponentChildren;
}

/** A row, and how far below the view's upper edge its held part stands, in px. */
interface Anchor {
  readonly key: string;
  readonly topPx: number;
}

/** Nearer to the end than this, in px, counts as being there. */
const AT_END_PX = 24;
/** More is read when less than this many views are left to scroll. */
const NEAR_VIEWS = 1.5;

/**
 * A scrolled list that holds still under the reader's eyes.
 *
 * At its end it follows the end. Anywhere else, the first row in sight stays on its very pixel,
 * whatever comes or goes above it, below it or in itself: before each change its place is noted, and
 * after it restored. Browsers' own anchoring is switched off (the style sheet), for not all have it and
 * two hands on one wheel would steer badly.
 *
 * Rows to hold on to are those with a `data-key`. What may move among them, such as the day's divider
 * that stays above when older messages of its day come in, must have none. Within a row its part with
 * `data-hold` is held: what stands above that (an author's name) comes and goes with its neighbours.
 */
export class ScrollHold extends Component<Props> {
  readonly #view = createRef<HTMLDivElement>();
  readonly #content = createRef<HTMLDivElement>();
  #resizes: ResizeObserver | null = null;
  /** Where the reader was last: a change of size is told only after it has moved everything. */
  #anchor: Anchor | null = null;
  /** What the view and its content measured when the place was last held. */
  #heldSizePx = "";
  #hasLeftEnd = false;

  override componentDidMount(): void {
    // Chromium (156) leaves a row that changed its class in its old looks when it is moved by
    // `moveBefore`, which the renderer prefers; without it here, it inserts.
    if (this.#content.current !== null) Object.assign(this.#content.current, { moveBefore: undefined });
    this.#resizes = new ResizeObserver(() => this.#hold(this.#anchor));
    if (this.#view.current !== null) this.#resizes.observe(this.#view.current);
    if (this.#content.current !== null) this.#resizes.observe(this.#content.current);
    this.#hold(null);
    this.#askForMore();
  }

  override componentWillUnmount(): void {
    this.#resizes?.disconnect();
  }

  override getSnapshotBeforeUpdate(before: Readonly<Props>): Anchor | null {
    // A scroll is told a moment after it happened. Whoever left the end in that moment must not be
    // taken back to it by what comes in just now.
    this.#hasLeftEnd = before.isPinned && this.#sawScrollUntold();
    if (this.#hasLeftEnd) this.#handleScroll();
    return this.#findAnchor();
  }

  override componentDidUpdate(_before: Readonly<Props>, _state: unknown, anchor: Anchor | null): void {
    this.#hold(anchor);
    this.#askForMore();
  }

  render({ label, children }: Readonly<Props>) {
    return (
      <div
        ref={this.#view}
        class="scroll"
        role="log"
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        onScroll={this.#handleScroll}
      >
        <div ref={this.#content} class="scroll-content">
          {children}
        </div>
      </div>
    );
  }

  readonly #handleScroll = (): void => {
    const view = this.#view.current;
    if (view === null) return;
    this.#anchor = this.#findAnchor();
    this.props.onPinned(leftBelow(view) <= AT_END_PX);
    this.#askForMore();
  };

  #hold(anchor: Anchor | null): void {
    const view = this.#view.current;
    if (view === null) return;
    if (this.props.isPinned && !this.#hasLeftEnd) {
      view.scrollTop = view.scrollHeight;
    } else if (anchor !== null) {
      const row = this.#rows().find((element) => element.dataset["key"] === anchor.key);
      if (row !== undefined) view.scrollTop += topIn(view, heldPart(row)) - anchor.topPx;
    }
    this.#anchor = this.#findAnchor();
    this.#heldSizePx = sizePx(view);
  }

  /** Not at the end, although it was put there and nothing changed its size since. */
  #sawScrollUntold(): boolean {
    const view = this.#view.current;
    return view !== null && leftBelow(view) > AT_END_PX && sizePx(view) === this.#heldSizePx;
  }

  #askForMore(): void {
    const view = this.#view.current;
    if (view === null) return;
    const nearPx = NEAR_VIEWS * view.clientHeight;
    if (view.scrollTop < nearPx) this.props.onNearTop();
    if (leftBelow(view) < nearPx) this.props.onNearBottom();
  }

  /** The first row that is at least partly in sight, found by halving: there can be hundreds. */
  #findAnchor(): Anchor | null {
    const view = this.#view.current;
    if (view === null) return null;
    const rows = this.#rows();
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = rows[middle];
      if (row !== undefined && topIn(view, row) + row.offsetHeight <= 0) low = middle + 1;
      else high = middle;
    }
    const row = rows[low];
    const key = row?.dataset["key"];
    return row === undefined || key === undefined ? null : { key, topPx: topIn(view, heldPart(row)) };
  }

  #rows(): readonly HTMLElement[] {
    const content = this.#content.current;
    if (content === null) return [];
    return [...content.children].filter(
      (element): element is HTMLElement =>
        element instanceof HTMLElement && element.dataset["key"] !== undefined,
    );
  }
}

function sizePx(view: HTMLElement): string {
  return `${view.clientHeight} ${view.scrollHeight}`;
}

function leftBelow(view: HTMLElement): number {
  return view.scrollHeight - view.scrollTop - view.clientHeight;
}

function heldPart(row: HTMLElement): HTMLElement {
  return row.querySelector<HTMLElement>("[data-hold]") ?? row;
}

function topIn(view: HTMLElement, row: HTMLElement): number {
  return row.getBoundingClientRect().top - view.getBoundingClientRect().top;
}
