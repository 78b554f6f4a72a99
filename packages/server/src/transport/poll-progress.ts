import type { ServerFrame } from "@parlor/protocol";

/**
 * What a poll waits for: first until each room that it asked for has said what it had, then until there is
 * news.
 *
 *     ask ─▶ subscribed (head 120) ─▶ batches up to 120 ─▶ caught up
 *        └─▶ error ────────────────────────────────────────┘
 *
 * What the log had behind a cursor is what `subscribed` names as head, so nothing but the frames themselves
 * has to be looked at. It decides and does nothing else.
 *
 * Rules: docs/protocol.md, POLL-.
 */
export class PollProgress {
  /** Rooms that are not caught up, with the offset to be reached; null before their `subscribed`. */
  readonly #awaited = new Map<string, number | null>();
  #unanswered = 0;
  #hasNews = false;

  /** Something came that the client does not have. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** All that was asked for has been answered. */
  get isAnswered(): boolean {
    return this.#unanswered === 0;
  }

  /** All that was asked for has been answered, and what lay behind the cursors delivered. */
  get isCaughtUp(): boolean {
    return this.#awaited.size === 0;
  }

  ask(room: string): void {
    if (this.#awaited.get(room) !== null) this.#unanswered += 1;
    this.#awaited.set(room, null);
  }

  /** A frame that is sent, other than a batch. */
  told(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        return;
      case "subscribed":
        this.#answer(frame.room);
        if (frame.after < frame.head) this.#awaited.set(frame.room, frame.head);
        this.#hasNews ||= frame.lost !== null;
        return;
      case "unsubscribed":
        this.#answer(frame.room);
        break;
      case "error":
        if (frame.to === "subscribe" && frame.room !== undefined) this.#answer(frame.room);
        break;
      default:
        break;
    }
    this.#hasNews = true;
  }

  /** A batch of messages that ends at the offset `last`. */
  delivered(room: string, last: number): void {
    this.#hasNews = true;
    const head = this.#awaited.get(room);
    if (head !== undefined && head !== null && last >= head) this.#awaited.delete(room);
  }

  #answer(room: string): void {
    if (this.#awaited.get(room) === null) this.#unanswered -= 1;
    this.#awaited.delete(room);
  }
}
