import type { Clock } from "@parlor/base";
import type { Counters } from "./counters.ts";

/** What is read for everybody in a millisecond, bytes: 32 MiB in a second. */
const BYTES_A_MS = 32_768;

/** What may be read at once where nothing was for a while, bytes. */
const BURST_BYTES = 1_048_576;

/**
 * How much of the log is read for those who ask for its history or catch up, all of them together. A page is
 * some milliseconds of the event loop's work, and garbage of many times its size; pages by the hundred leave
 * nothing for those who only wait for the next message. Who reads much waits, for milliseconds; a page beside
 * no others never does.
 *
 * It remembers a number. Rule: docs/protocol.md [GROW-74].
 */
export class ReadPace {
  readonly #clock: Clock;
  readonly #counters: Counters;
  #owedBytes = 0;
  #asOfMs: number;

  constructor(clock: Clock, counters: Counters) {
    this.#clock = clock;
    this.#counters = counters;
    this.#asOfMs = clock.monotonic();
  }

  /** So much was read. */
  spent(bytes: number): void {
    this.#settle();
    this.#owedBytes += bytes;
  }

  /** Fulfils when something may be read again; null where that is now. */
  wait(): Promise<void> | null {
    this.#settle();
    const overBytes = this.#owedBytes - BURST_BYTES;
    if (overBytes <= 0) return null;
    this.#counters.readsPaced += 1;
    return new Promise((resolve) => void this.#clock.after(overBytes / BYTES_A_MS, resolve));
  }

  #settle(): void {
    const nowMs = this.#clock.monotonic();
    this.#owedBytes = Math.max(0, this.#owedBytes - (nowMs - this.#asOfMs) * BYTES_A_MS);
    this.#asOfMs = nowMs;
  }
}
