import type { ClientRoom } from "@parlor/client";
import { computed, signal, type ReadonlySignal } from "@preact/signals";
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

/** Reads history in both directions from what is shown, one page at a time. */
export class HistoryReader {
  readonly older = signal<ReadingState>({ kind: "idle" });
  readonly newer = signal<ReadingState>({ kind: "idle" });
  readonly hasOlder: ReadonlySignal<boolean>;

  readonly #room: Pick<ClientRoom, "history">;
  readonly #timeline: ReadonlySignal<Timeline>;
  readonly #fold: (event: TimelineEvent) => void;
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

  /** Reads the page above what is shown. Does nothing while one is read, or where one failed. */
  async readOlder(): Promise<void> {
    const run = shownRun(this.#timeline.peek());
    if (run === null || !this.hasOlder.peek() || this.older.peek().kind !== "idle") return;
    this.older.value = { kind: "reading" };
    try {
      const before = run.from;
      const page = await this.#room.history({ before, limit: PAGE_MESSAGES, related: true });
      this.#fold({ kind: "page", before, page });
      this.older.value = { kind: "idle" };
    } catch {
      // Intentionally without its reason: the connection's sign tells it; here it is shown that it failed.
      this.older.value = { kind: "failed" };
    }
  }

  /** Reads on below what is shown, or follows the room again where that is reached. */
  async readNewer(): Promise<void> {
    const { past } = this.#timeline.peek();
    if (past === null || this.newer.peek().kind !== "idle") return;
    if (touchesLive(this.#timeline.peek())) {
      this.#fold({ kind: "rejoined" });
      return;
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
      this.#fold({ kind: "page", before, page });
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
