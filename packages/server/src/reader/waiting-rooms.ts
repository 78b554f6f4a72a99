/** Rooms that wait at one time; beyond it all rooms are looked through again. */
const MAX_WAITING = 10_000;

interface WaitingRoom {
  /** Since when something of it waits to be read, on the monotonic clock. */
  readonly sinceMs: number;
  /** The newest offset that is known of, and the one that was read up to; for the lag alone. */
  head: number;
  reached: number;
  /** Not before then: its last effect failed so many times in a row. */
  notBeforeMs: number;
  failures: number;
  /** Told of again while it was being read. */
  isAgain: boolean;
}

/** The rooms of a reader that have something to be read, each in its turn, and those that failed later. */
export class WaitingRooms {
  readonly #rooms = new Map<string, WaitingRoom>();

  get size(): number {
    return this.#rooms.size;
  }

  /** False where no more can wait. */
  add(room: string, nowMs: number, head = 0): boolean {
    const known = this.#rooms.get(room);
    if (known !== undefined) {
      known.head = Math.max(known.head, head);
      known.isAgain = true;
      return true;
    }
    if (this.#rooms.size >= MAX_WAITING) return false;
    const reached = Math.max(0, head - 1);
    this.#rooms.set(room, { sinceMs: nowMs, head, reached, notBeforeMs: 0, failures: 0, isAgain: false });
    return true;
  }

  /** The first few whose turn it is; and where there are none how long until then, ms (`Infinity`: none waits). */
  next(nowMs: number, max: number): { readonly rooms: readonly string[]; readonly waitMs: number } {
    const rooms: string[] = [];
    let waitMs = Infinity;
    for (const [room, waiting] of this.#rooms) {
      if (waiting.notBeforeMs > nowMs) waitMs = Math.min(waitMs, waiting.notBeforeMs - nowMs);
      else if (rooms.push(room) === max) break;
    }
    for (const room of rooms) this.#turnOf(room);
    return { rooms, waitMs };
  }

  #turnOf(room: string): void {
    const waiting = this.#rooms.get(room);
    if (waiting !== undefined) waiting.isAgain = false;
  }

  /** The room was read up to there; where there is more it has another turn behind the others. */
  read(room: string, reached: number, head: number, more: boolean): void {
    const waiting = this.#rooms.get(room);
    if (waiting === undefined) return;
    this.#rooms.delete(room);
    if (!more && !waiting.isAgain) return;
    waiting.head = Math.max(head, waiting.head);
    waiting.reached = reached;
    waiting.failures = 0;
    waiting.notBeforeMs = 0;
    this.#rooms.set(room, waiting);
  }

  /** An effect of the room failed: answers how many times in a row. */
  failed(room: string, reached: number, head: number): number {
    const waiting = this.#rooms.get(room);
    if (waiting === undefined) return 1;
    waiting.failures = reached > waiting.reached ? 1 : waiting.failures + 1;
    waiting.reached = reached;
    waiting.head = Math.max(head, waiting.head);
    // Behind the others, whose turn it is now.
    this.#rooms.delete(room);
    this.#rooms.set(room, waiting);
    return waiting.failures;
  }

  retryAt(room: string, notBeforeMs: number): void {
    const waiting = this.#rooms.get(room);
    if (waiting !== undefined) waiting.notBeforeMs = notBeforeMs;
  }

  delete(room: string): void {
    this.#rooms.delete(room);
  }

  clear(): void {
    this.#rooms.clear();
  }

  /** Messages that wait, as far as is known, and how long the one that waits longest has, in ms. */
  lag(nowMs: number): { readonly messages: number; readonly waitedMs: number } {
    let messages = 0;
    let waitedMs = 0;
    for (const { head, reached, sinceMs } of this.#rooms.values()) {
      messages += Math.max(0, head - reached);
      waitedMs = Math.max(waitedMs, nowMs - sinceMs);
    }
    return { messages, waitedMs };
  }
}
