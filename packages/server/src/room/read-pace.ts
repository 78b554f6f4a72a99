import type { Clock } from "@parlor/base";
import { BytePace } from "./byte-pace.ts";
import type { Counters } from "./counters.ts";

/**
 * How much of the log is read for those who ask for its history or catch up, all of them together. A page is
 * some milliseconds of the event loop's work, and garbage of many times its size; pages by the hundred leave
 * nothing for those who only wait for the next message. Who reads much waits, for milliseconds; a page beside
 * no others never does.
 *
 * Rule: docs/protocol.md [GROW-74].
 */
export class ReadPace {
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #pace: BytePace;

  constructor(clock: Clock, counters: Counters) {
    this.#clock = clock;
    this.#counters = counters;
    this.#pace = new BytePace(clock);
  }

  /** So much was read. */
  spent(bytes: number): void {
    this.#pace.spent(bytes);
  }

  /** Fulfils when something may be read again; null where that is now. */
  wait(): Promise<void> | null {
    const waitMs = this.#pace.waitMs();
    if (waitMs <= 0) return null;
    this.#counters.readsPaced += 1;
    return new Promise((resolve) => void this.#clock.after(waitMs, resolve));
  }
}
