import type { ReadPace } from "./read-pace.ts";

/** Reads that are made at once for those who catch up: one is sent while the log looks for the next. */
const AT_ONCE = 2;

/**
 * Whose read of the log comes next, of all readers of all rooms that catch up, in the order of asking.
 *
 * A page is a millisecond or two of work, and answers of the log that come together are taken together: with
 * two hundred of them in one turn of the event loop, nobody else would be served for as long. Nor are they
 * made one behind the other for as long as somebody asks: the pace says when the next may begin.
 * What waits is bounded by the subscriptions, each of which asks for one page at a time.
 */
export class ReadTurns {
  readonly #pace: ReadPace;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(pace: ReadPace) {
    this.#pace = pace;
  }

  async take<Answer>(read: () => Promise<Answer>): Promise<Answer> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      const pause = this.#pace.wait();
      if (pause !== null) await pause;
      return await read();
    } finally {
      // The place is handed on, so that nobody who comes now can be faster.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** So much was read in a turn. */
  spent(bytes: number): void {
    this.#pace.spent(bytes);
  }
}
