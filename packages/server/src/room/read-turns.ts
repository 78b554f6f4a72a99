import type { ReadPace } from "./read-pace.ts";

/** Reads that are made at once for those who catch up: one is sent while the log looks for the next. */
const AT_ONCE = 2;

/** Reads that are nobody's own: of a room's subscriptions that catch up, who share them. */
const SHARED = "";

/**
 * Whose read of the log comes next, of all readers of all rooms: rooms are opened for addresses by turns, so that
 * who opens forty thousand waits behind themselves; those who catch up are one in that line, in the order of asking.
 *
 * A page is a millisecond or two of work, and answers of the log that come together are taken together: with
 * two hundred of them in one turn of the event loop, nobody else would be served for as long. Nor are they
 * made one behind the other for as long as somebody asks: the pace says when the next may begin.
 * What waits is bounded by the subscriptions, each of which asks for one page at a time.
 */
export class ReadTurns {
  readonly #pace: ReadPace;
  #running = 0;
  /** By address, in the order of their turns. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(pace: ReadPace) {
    this.#pace = pace;
  }

  /** @param group Whose read it is: an address. @default the one of all that is shared */
  async take<Answer>(read: () => Promise<Answer>, group = SHARED): Promise<Answer> {
    if (this.#running >= AT_ONCE) await this.#turn(group);
    else this.#running += 1;
    try {
      const pause = this.#pace.wait();
      if (pause !== null) await pause;
      return await read();
    } finally {
      // The place is handed on, so that nobody who comes now can be faster.
      const next = this.#next();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #turn(group: string): Promise<void> {
    return new Promise((resolve) => {
      const line = this.#waiting.get(group);
      if (line === undefined) this.#waiting.set(group, new Set([resolve]));
      else line.add(resolve);
    });
  }

  /** The others of its address come behind everybody else. */
  #next(): (() => void) | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [group, line] = first;
    const [next] = line;
    if (next !== undefined) line.delete(next);
    if (line.size > 0 && this.#waiting.size === 1) return next;
    this.#waiting.delete(group);
    if (line.size > 0) this.#waiting.set(group, line);
    return next;
  }

  /** So much was read in a turn. */
  spent(bytes: number): void {
    this.#pace.spent(bytes);
  }
}
