import type { PresenceFrame, ServerFrame, StateFrame } from "@parlor/protocol";

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
  /** Rooms whose state has not been told, with whether the client has a version of it. */
  readonly #awaitedStates = new Map<string, boolean>();
  /** Rooms whose presence has not been told, with the version that the client has, or `true` for none. */
  readonly #awaitedPresences = new Map<string, number | true>();
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
    return this.#awaited.size === 0 && this.#awaitedStates.size === 0 && this.#awaitedPresences.size === 0;
  }

  /** `state` and `presence` are what the subscription says of them. */
  ask(room: string, state: boolean | number = false, presence: boolean | number = false): void {
    if (presence === false) this.#awaitedPresences.delete(room);
    else this.#awaitedPresences.set(room, presence);
    if (state === false) this.#awaitedStates.delete(room);
    else this.#awaitedStates.set(room, state !== true);
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
      case "state":
        if (this.#isFirstState(frame)) return;
        break;
      case "presence":
        if (this.#isFirstPresence(frame)) return;
        break;
      case "unsubscribed":
        this.#answer(frame.room);
        this.#awaitedStates.delete(frame.room);
        this.#awaitedPresences.delete(frame.room);
        break;
      case "error":
        if (frame.to === "subscribe" && frame.room !== undefined) {
          this.#answer(frame.room);
          this.#awaitedStates.delete(frame.room);
          this.#awaitedPresences.delete(frame.room);
        }
        break;
      default:
        break;
    }
    this.#hasNews = true;
  }

  /** Signals came. */
  signalled(): void {
    this.#hasNews = true;
  }

  /** A batch of messages that ends at the offset `last`. */
  delivered(room: string, last: number): void {
    this.#hasNews = true;
    const head = this.#awaited.get(room);
    if (head !== undefined && head !== null && last >= head) this.#awaited.delete(room);
  }

  /**
   * Whether it is what a newcomer is told, or says that nothing changed. For a client that had a version, all
   * else is news.
   */
  #isFirstState({ room, full, more, entries }: StateFrame): boolean {
    const hasVersion = this.#awaitedStates.get(room);
    if (hasVersion === undefined) return false;
    if (more !== true) this.#awaitedStates.delete(room);
    return !hasVersion || (full !== true && Object.keys(entries).length === 0);
  }

  /** Likewise: a version is made from who is there, so where it is the client's nothing changed. */
  #isFirstPresence({ room, version }: PresenceFrame): boolean {
    const had = this.#awaitedPresences.get(room);
    return this.#awaitedPresences.delete(room) && (had === true || had === version);
  }

  #answer(room: string): void {
    if (this.#awaited.get(room) === null) this.#unanswered -= 1;
    this.#awaited.delete(room);
  }
}
