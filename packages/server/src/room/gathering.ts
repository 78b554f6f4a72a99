/**
 * How long after one batch a room sends the next one.
 *
 * There is no tick. A room whose fan-out is cheap sends at once, and so does one that was quiet, so an
 * idle server adds nothing. One whose fan-out is dear leaves as much time behind it as it took, times
 * `PATIENCE`, and what arrives meanwhile shares the cost of the next. Never more than `maxMs`.
 */
export class Gathering {
  readonly #maxMs: number;
  #costMs = 0;
  #lastMs = 0;
  #endedMs = -Infinity;

  constructor(maxMs: number) {
    this.#maxMs = maxMs;
  }

  /**
   * Takes note of a fan-out: when it ended, and what it cost. Two dear ones in a row count at once, one
   * alone does not, since anything may have interrupted it; what is cheap again counts slowly.
   */
  spent(costMs: number, endedMs: number): void {
    const sureMs = Math.min(costMs, this.#lastMs);
    this.#costMs = sureMs > this.#costMs ? sureMs : this.#costMs * 0.8 + sureMs * 0.2;
    this.#lastMs = costMs;
    this.#endedMs = endedMs;
  }

  /** Milliseconds from now to wait; 0 means now. */
  waitMs(nowMs: number): number {
    const gapMs = Math.min(this.#maxMs, this.#costMs * PATIENCE);
    const waitMs = this.#endedMs + gapMs - nowMs;
    return waitMs < TIMER_GRAIN_MS ? 0 : waitMs;
  }
}

/** A room of which more is asked than it can send spends a sixth of the time on it, and gathers the rest. */
const PATIENCE = 5;

/** Timers count in whole milliseconds: below half of one, waiting would cost more than it gathers. */
const TIMER_GRAIN_MS = 0.5;
