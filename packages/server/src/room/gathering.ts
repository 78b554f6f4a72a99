/**
 * How long the next batch of a room gathers before it is sent.
 *
 * There is no tick. A room whose fan-out is cheap sends at once, and so does one that was quiet, so an
 * idle server adds nothing. One whose fan-out is dear leaves as much time behind it as it took, times
 * `PATIENCE`, and what arrives meanwhile shares the cost of the next. Where fan-outs take a good part of
 * the core, that time begins anew with the first message to come: the ones that follow it come soon.
 * Nothing waits longer than `maxMs`.
 */
export class Gathering {
  readonly #maxMs: number;
  #costMs = 0;
  #lastMs = 0;
  #endedMs = -Infinity;
  /** What fan-outs took of late, ms; an older one counts less. */
  #spentMs = 0;

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
    this.#spentMs = this.#spentOfLateMs(endedMs) + sureMs;
    this.#endedMs = endedMs;
  }

  /** Milliseconds that a message which arrives now, the first since the last fan-out, waits; 0 for none. */
  waitMs(nowMs: number): number {
    const gapMs = Math.min(this.#maxMs, this.#costMs * PATIENCE);
    const isBusy = this.#spentOfLateMs(nowMs) >= MEMORY_MS * BUSY_SHARE;
    const waitMs = isBusy ? gapMs : this.#endedMs + gapMs - nowMs;
    return waitMs < TIMER_GRAIN_MS ? 0 : waitMs;
  }

  #spentOfLateMs(nowMs: number): number {
    return this.#spentMs * Math.exp((this.#endedMs - nowMs) / MEMORY_MS);
  }
}

/** A room of which more is asked than it can send spends a sixth of the time on it, and gathers the rest. */
const PATIENCE = 5;

/** Part of the core from which fan-outs are worth sharing although they are far between. */
const BUSY_SHARE = 0.05;

/** How far back "of late" goes: what is as old as this counts a third. */
const MEMORY_MS = 500;

/** Timers count in whole milliseconds: below half of one, waiting would cost more than it gathers. */
const TIMER_GRAIN_MS = 0.5;
