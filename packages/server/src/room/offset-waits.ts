import type { Clock } from "@parlor/base";

interface Wait {
  readonly offset: number;
  readonly resolve: () => void;
}

/** Those who wait until a room has got to an offset, each for a bounded time. */
export class OffsetWaits {
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #waits = new Set<Wait>();

  constructor(clock: Clock, deadlineMs: number) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
  }

  /** Fulfils at `reached(offset or more)`, at the deadline, or when all are let go. */
  until(offset: number): Promise<void> {
    return new Promise((resolve) => {
      const deadline = this.#clock.after(this.#deadlineMs, () => wait.resolve());
      const wait: Wait = {
        offset,
        resolve: () => {
          this.#clock.cancel(deadline);
          this.#waits.delete(wait);
          resolve();
        },
      };
      this.#waits.add(wait);
    });
  }

  reached(offset: number): void {
    for (const wait of this.#waits) if (wait.offset <= offset) wait.resolve();
  }

  letAllGo(): void {
    this.reached(Infinity);
  }
}
