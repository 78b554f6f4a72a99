import type { Clock, TimerHandle } from "@parlor/base";
import { BytePace } from "./byte-pace.ts";
import type { Counters } from "./counters.ts";

/** Frames about presence of so many UTF-16 units never wait: some dozens who are there without profiles. */
export const UNPACED_CHARACTERS = 4_096;

/** One who waits for a large frame. */
export interface ListWaiter {
  /** Who waits behind themselves: an address. */
  readonly group: string;
  /** Sends what there is by now; answers with how many UTF-16 units that was. */
  takeTurn(): number;
}

/**
 * Whose large frame about presence is sent next, of all rooms. A list of who is there may be a thousand times as
 * long as the frame that asks for it, and whoever comes and goes asks again and again: so all lists together have
 * a pace, addresses take turns, and who has gone again by then costs nothing.
 *
 * What waits is bounded by the subscriptions, each of which waits once.
 * Rule: docs/protocol.md [PRESENCE-17].
 */
export class PresenceLists {
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #pace: BytePace;
  /** By address, in the order of their turns. */
  readonly #waiting = new Map<string, Set<ListWaiter>>();
  #timer: TimerHandle | null = null;
  #isRunning = false;

  constructor(clock: Clock, counters: Counters) {
    this.#clock = clock;
    this.#counters = counters;
    this.#pace = new BytePace(clock);
  }

  /** Calls its `takeTurn` once, at once where nothing comes before. */
  ask(waiter: ListWaiter): void {
    const group = this.#waiting.get(waiter.group);
    if (group === undefined) this.#waiting.set(waiter.group, new Set([waiter]));
    else group.add(waiter);
    this.#run();
    if (this.#waiting.get(waiter.group)?.has(waiter) === true) this.#counters.presencePaced += 1;
  }

  /** It waits no longer, if it did. */
  forget(waiter: ListWaiter): void {
    const group = this.#waiting.get(waiter.group);
    if (group?.delete(waiter) !== true) return;
    if (group.size === 0) this.#waiting.delete(waiter.group);
    if (this.#waiting.size === 0) this.#stop();
  }

  #run(): void {
    // Whoever is told something may ask for more within it.
    if (this.#timer !== null || this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#first(); next !== null; next = this.#first()) {
        const waitMs = this.#pace.waitMs();
        if (waitMs > 0) return this.#later(waitMs);
        this.#toTheBack(next);
        this.#pace.spent(next.takeTurn());
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #first(): ListWaiter | null {
    const [group] = this.#waiting.values();
    const [waiter] = group ?? [];
    return waiter ?? null;
  }

  /** It has its turn; the others of its address come behind everybody else. */
  #toTheBack(waiter: ListWaiter): void {
    const group = this.#waiting.get(waiter.group);
    this.#waiting.delete(waiter.group);
    group?.delete(waiter);
    if (group !== undefined && group.size > 0) this.#waiting.set(waiter.group, group);
  }

  #later(ms: number): void {
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = null;
      this.#run();
    });
  }

  #stop(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }
}
