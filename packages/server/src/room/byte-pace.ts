import type { Clock } from "@parlor/base";

/** What there is time for in a millisecond, bytes: 32 MiB in a second. */
const BYTES_A_MS = 32_768;

/** What may be done at once where nothing was for a while, bytes. */
const BURST_BYTES = 1_048_576;

/** How much of something heavy is done for everybody together: a mebibyte at once, and 32 MiB a second. It remembers a number. */
export class BytePace {
  readonly #clock: Clock;
  #owedBytes = 0;
  #asOfMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#asOfMs = clock.monotonic();
  }

  /** So much was done. */
  spent(bytes: number): void {
    this.#settle();
    this.#owedBytes += bytes;
  }

  /** In how many ms more may be done; 0 where that is now. */
  waitMs(): number {
    this.#settle();
    return Math.max(0, this.#owedBytes - BURST_BYTES) / BYTES_A_MS;
  }

  #settle(): void {
    const nowMs = this.#clock.monotonic();
    this.#owedBytes = Math.max(0, this.#owedBytes - (nowMs - this.#asOfMs) * BYTES_A_MS);
    this.#asOfMs = nowMs;
  }
}
