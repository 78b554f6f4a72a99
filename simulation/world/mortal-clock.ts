import type { Clock, Random, TimerHandle } from "@parlor/base";

/**
 * The clock of one process: its timers die with it, stand still while it stands still, and its own work takes
 * it some time, now and then much.
 */
export class MortalClock implements Clock {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #timers = new Map<TimerHandle, TimerHandle>();
  #workMs = 0;
  #isDead = false;
  /** When the process last began to run again, in time that does not count its work. */
  runningSinceMs = -Infinity;
  /** What fell due while the process stood still; null while it runs. */
  #held: (() => void)[] | null = null;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    // Between two looks some work was done: that is how a room learns what a fan-out costs.
    this.#workMs += this.#random() < 0.1 ? this.#random() * 3 : 0;
    return this.#clock.monotonic() + this.#workMs;
  }

  after(delayMs: number, task: () => void): TimerHandle {
    const handle: TimerHandle = { timer: null };
    if (this.#isDead) return handle;
    const inner = this.#clock.after(delayMs, () => {
      this.#timers.delete(handle);
      this.run(task);
    });
    this.#timers.set(handle, inner);
    return handle;
  }

  cancel(handle: TimerHandle): void {
    const inner = this.#timers.get(handle);
    if (inner === undefined) return;
    this.#timers.delete(handle);
    this.#clock.cancel(inner);
  }

  /** Does it now, or when the process runs again; never where it is dead. */
  run(task: () => void): void {
    if (this.#isDead) return;
    if (this.#held !== null) this.#held.push(task);
    else task();
  }

  freeze(): void {
    this.#held ??= [];
  }

  thaw(): void {
    const held = this.#held ?? [];
    this.#held = null;
    this.runningSinceMs = this.#clock.monotonic();
    for (const task of held) this.run(task);
  }

  kill(): void {
    this.#isDead = true;
    this.#held = null;
    for (const inner of this.#timers.values()) this.#clock.cancel(inner);
    this.#timers.clear();
  }
}
