import type { ClientRoom } from "@parlor/client";
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { pageSlices, type PageSlice } from "./page-slices.ts";
import { hasOlder, shownRun, touchesLive, type Timeline, type TimelineEvent } from "./timeline.ts";

/** Messages of one page of history. */
const PAGE_MESSAGES = 50;
/** Offsets that one reading forward may span; more than one page only where offsets skip widely. */
const MAX_SPAN = 100_000;

export type ReadingState =
  | { readonly kind: "idle" }
  | { readonly kind: "reading" }
  /** It failed; it is not tried again before the person, or a new connection, asks for it. */
  | { readonly kind: "failed" };

/**
 * Reads history in both directions from what is shown. It is asked whenever the reader comes near an end: a
 * page is read from the server, and of it a slice is shown at each asking, so that no asking costs much and
 * nothing is shown that nobody comes near.
 */
export class HistoryReader {
  readonly older = signal<ReadingState>({ kind: "idle" });
  readonly newer = signal<ReadingState>({ kind: "idle" });
  readonly hasOlder: ReadonlySignal<boolean>;

  readonly #room: Pick<ClientRoom, "history">;
  readonly #timeline: ReadonlySignal<Timeline>;
  readonly #fold: (event: TimelineEvent) => void;
  /** What is read and not shown yet of the last page in each direction. */
  #above: readonly PageSlice[] = [];
  #below: readonly PageSlice[] = [];
  #span = PAGE_MESSAGES;

  constructor(
    room: Pick<ClientRoom, "history">,
    timeline: ReadonlySignal<Timeline>,
    fold: (event: TimelineEvent) => void,
  ) {
    this.#room = room;
    this.#timeline = timeline;
    this.#fold = fold;
    this.hasOlder = computed(() => hasOlder(timeline.value));
  }

  /** Shows more above what is shown. Does nothing while that is read, or where it failed. */
  async readOlder(): Promise<void> {
    const run = shownRun(this.#timeline.peek());
    if (run === null || !this.hasOlder.peek() || this.older.peek().kind !== "idle") return;
    const [next, ...others] = this.#above;
    this.#above = [];
    if (next !== undefined && next.before === run.from && this.#isCurrent(next)) {
      this.#above = others;
      return this.#fold({ kind: "page", ...next });
    }
    this.older.value = { kind: "reading" };
    try {
      const before = run.from;
      const page = await this.#room.history({ before, limit: PAGE_MESSAGES, related: true });
      const [first, ...rest] = pageSlices(page, before, "older");
      this.#above = rest;
      this.#fold({ kind: "page", ...(first ?? { before, page }) });
      this.older.value = { kind: "idle" };
    } catch {
      // Intentionally without its reason: the connection's sign tells it; here it is shown that it failed.
      this.older.value = { kind: "failed" };
    }
  }

  /** Shows more below what is shown, or follows the room again where that is reached. */
  async readNewer(): Promise<void> {
    const { past } = this.#timeline.peek();
    if (past === null || this.newer.peek().kind !== "idle") return;
    const [next, ...others] = this.#below;
    this.#below = [];
    if (touchesLive(this.#timeline.peek())) return this.#fold({ kind: "rejoined" });
    if (next !== undefined && startsBehind(next, past.to) && this.#isCurrent(next)) {
      this.#below = others;
      return this.#fold({ kind: "page", ...next });
    }
    this.newer.value = { kind: "reading" };
    try {
      const before = this.#pageAfter(past.to);
      const page = await this.#room.history({ before, limit: PAGE_MESSAGES, related: true });
      this.#adaptSpan(
        past.to,
        page.messages[0]?.offset ?? before,
        page.messages.at(-1)?.offset ?? 0,
        page.more,
      );
      const [first, ...rest] = pageSlices(page, before, "newer");
      this.#below = rest;
      this.#fold({ kind: "page", ...(first ?? { before, page }) });
      this.newer.value = { kind: "idle" };
    } catch {
      this.newer.value = { kind: "failed" };
    }
  }

  /** Lets what failed be tried again. */
  recover(): void {
    if (this.older.peek().kind === "failed") this.older.value = { kind: "idle" };
    if (this.newer.peek().kind === "failed") this.newer.value = { kind: "idle" };
  }

  #isCurrent(slice: PageSlice): boolean {
    return slice.page.epoch === this.#timeline.peek().epoch;
  }

  /**
   * History is read backwards only, so reading on means naming an end a little further down. As many
   * offsets as a page has messages can't hold more messages than fit; where offsets skip, more will do.
   */
  #pageAfter(to: number): number {
    const live = this.#timeline.peek().live;
    return Math.min(to + 1 + this.#span, live?.from ?? Infinity);
  }

  #adaptSpan(to: number, first: number, last: number, more: boolean): void {
    if (last <= to) this.#span = Math.min(MAX_SPAN, this.#span * 4);
    else if (more && first > to + 1) this.#span = Math.max(1, Math.floor(this.#span / 4));
    else this.#span = PAGE_MESSAGES;
  }
}

/** Whether a slice follows on from what is shown, with nothing between them. */
function startsBehind({ page }: PageSlice, to: number): boolean {
  const first = page.messages[0];
  return first !== undefined && first.offset <= to + 1;
}
