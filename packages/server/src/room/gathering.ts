/**
 * How long a room waits for more messages before it sends a batch.
 *
 * There is no tick. A room whose last fan-out was cheap sends at once, so an idle server adds nothing;
 * one whose fan-out is dear waits about as long as that fan-out took, times `patience`, and what arrives
 * meanwhile shares the cost. Never longer than `maxMs`.
 */
export class Gathering {
  readonly #maxMs: number;
  #costMs = 0;

  constructor(maxMs: number) {
    this.#maxMs = maxMs;
  }

  /** Takes note of what a fan-out cost. Rises at once and falls slowly, so that one cheap batch does not flap. */
  spent(costMs: number): void {
    this.#costMs = costMs > this.#costMs ? costMs : this.#costMs * 0.8 + costMs * 0.2;
  }

  /** Milliseconds to wait; 0 means now. */
  get delayMs(): number {
    const delayMs = this.#costMs * PATIENCE;
    // Timers have a grain of 1 ms: below half of that waiting would cost more than it gathers.
    return delayMs < 0.5 ? 0 : Math.min(this.#maxMs, delayMs);
  }
}

const PATIENCE = 3;
