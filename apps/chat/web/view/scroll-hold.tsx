import { Component, createRef, type ComponentChildren } from "preact";
import { insertOnly } from "./insert-only.ts";
import { messageActions } from "./later-parts.ts";
import type { ListKeys } from "./list-keys.ts";

interface Props {
  readonly label: string;
  /** The view follows what comes at its end. */
  readonly isPinned: boolean;
  /** There is more to read at both ends. */
  readonly isAmid: boolean;
  readonly onPinned: (isPinned: boolean) => void;
  /** The person asked for the newest end. */
  readonly onEnd: () => void;
  readonly onNearTop: () => void;
  readonly onNearBottom: () => void;
  readonly children: ComponentChildren;
}

/** A row, and how far below the view's upper edge its held part stands, in px. */
interface Anchor {
  readonly key: string;
  readonly row: HTMLElement;
  readonly topPx: number;
}

/** Nearer to the end than this, in px, counts as being there. */
const AT_END_PX = 24;
/** More is read when less than this many views are left to scroll. */
const NEAR_VIEWS = 1.25;
/**
 * And in the midst of a room at this part of all there is to scroll: what is read at one end is let go at the
 * other, and in a window as high as half the list both ends would be near at once, and take turns for ever.
 */
const NEAR_PART = 0.25;

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
  #keys: ListKeys | null = null;
  #resizes: ResizeObserver | null = null;
  #hadFocus = false;
  /** Where the reader was last: a change of size is told only after it has moved everything. */
  #anchor: Anchor | null = null;
  /** Where the view stood when the place was last held. */
  #heldTopPx = 0;
  #hasLeftEnd = false;
  #asking: ReturnType<typeof setTimeout> | undefined;

  override componentDidMount(): void {
    insertOnly(this.#content.current);
    const hold = (): void => {
      this.#noticeScroll();
      this.#hold(this.#anchor);
    };
    this.#resizes = new ResizeObserver(hold);
    if (this.#view.current !== null) this.#resizes.observe(this.#view.current);
    // Rows that know of it say so at once: held when the browser tells of their size, the list has moved by then.
    this.#view.current?.addEventListener("grown", hold);
    if (this.#content.current !== null) this.#resizes.observe(this.#content.current);
    this.#hold(null);
    this.#askSoon();
  }

  override componentWillUnmount(): void {
    this.#resizes?.disconnect();
    clearTimeout(this.#asking);
  }

  override getSnapshotBeforeUpdate(before: Readonly<Props>): Anchor | null {
    this.#hasLeftEnd = false;
    this.#hadFocus = this.#view.current?.contains(document.activeElement) ?? false;
    if (before.isPinned) this.#noticeScroll();
    return this.#findAnchor();
  }

  override componentDidUpdate(_before: Readonly<Props>, _state: unknown, anchor: Anchor | null): void {
    this.#hold(anchor);
    // A row that had the focus was let go: the list has it, so that the keys go on from there.
    if (this.#hadFocus && document.activeElement === document.body) this.#view.current?.focus();
    this.#askSoon();
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
        onKeyDown={this.#handleKey}
      >
        <div ref={this.#content} class="scroll-content">
          {children}
        </div>
      </div>
    );
  }

  readonly #handleKey = (event: KeyboardEvent): void => {
    const view = this.#view.current;
    const part = messageActions.loaded;
    // What walks the list is mostly there already; a key that was quicker is heard once it is, by who still waits.
    if (part === null)
      void messageActions.get().then((come) => {
        if (come !== null && document.activeElement === event.target) this.#handleKey(event);
      });
    else if (view !== null && (this.#keys ??= new part.ListKeys()).handle(event, view, this.props.onEnd))
      event.preventDefault();
  };

  readonly #handleScroll = (): void => {
    const view = this.#view.current;
    if (view === null) return;
    this.#anchor = this.#findAnchor();
    // A scroll from before the newest was asked for may be told before that is drawn: it left nothing.
    const isAtEnd = leftBelow(view) <= AT_END_PX;
    if (isAtEnd !== this.props.isPinned) this.props.onPinned(isAtEnd);
    this.#askSoon();
  };

  #hold(anchor: Anchor | null): void {
    const view = this.#view.current;
    if (view === null) return;
    if (this.props.isPinned && !this.#hasLeftEnd) {
      view.scrollTop = view.scrollHeight;
    } else if (anchor !== null) {
      const row = this.#rowOf(anchor);
      if (row !== null) view.scrollTop += topIn(view, heldPart(row)) - anchor.topPx;
    }
    this.#anchor = this.#findAnchor();
    this.#heldTopPx = view.scrollTop;
  }

  /**
   * A scroll is told a moment after it happened. Whoever left the end in that moment must not be taken back to
   * it by what changes just now. What changes of itself leaves the view where it stood, or at the end.
   */
  #noticeScroll(): void {
    const view = this.#view.current;
    if (view === null || !this.props.isPinned) return;
    if (leftBelow(view) <= AT_END_PX || view.scrollTop === this.#heldTopPx) return;
    this.#hasLeftEnd = true;
    this.#handleScroll();
  }

  /**
   * In a task of its own: what is shown while the page is drawn is drawn in the same task, and so all that there is
   * to read would be, however finely it was cut.
   */
  #askSoon(): void {
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => this.#askForMore());
  }

  #askForMore(): void {
    const view = this.#view.current;
    if (view === null) return;
    const leftPx = view.scrollHeight - view.clientHeight;
    const nearPx = Math.min(
      NEAR_VIEWS * view.clientHeight,
      this.props.isAmid ? NEAR_PART * leftPx : Infinity,
    );
    if (view.scrollTop < nearPx) this.props.onNearTop();
    if (leftBelow(view) < nearPx) this.props.onNearBottom();
  }

  /** The first row that is at least partly in sight, found by halving: there can be hundreds. */
  #findAnchor(): Anchor | null {
    const view = this.#view.current;
    const rows = this.#content.current?.querySelectorAll<HTMLElement>("[data-key]");
    if (view === null || rows === undefined) return null;
    let low = 0;
    let high = rows.length;
    const viewTopPx = view.getBoundingClientRect().top;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.getBoundingClientRect().bottom ?? Infinity) <= viewTopPx) low = middle + 1;
      else high = middle;
    }
    const row = rows[low];
    const key = row?.dataset["key"];
    return row === undefined || key === undefined ? null : { key, row, topPx: topIn(view, heldPart(row)) };
  }

  /** The row that is held: mostly the very element that was noted, but one that was drawn anew is found, too. */
  #rowOf({ key, row }: Anchor): HTMLElement | null {
    if (row.isConnected && row.dataset["key"] === key) return row;
    return this.#content.current?.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? null;
  }
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
