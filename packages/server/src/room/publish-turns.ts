import type { Clock, TimerHandle } from "@parlor/base";
import type { Gathering } from "./gathering.ts";

/** From one turn to the next, ms: far below the gap that they shorten, and few enough in a second to be cheap. */
const TURN_MS = 4;

/** Text waiting for one turn above which it comes at once: about one full frame. */
const FULL_TURN_BYTES = 60_000;

interface Turn {
  readonly comes: Promise<void>;
  readonly come: () => void;
  readonly timer: TimerHandle;
  bytes: number;
}

/**
 * Publish turns: publishes to a room that gathers go to the log every few milliseconds, together.
 *
 * What is published there waits for the next frame anyway. Let go one by one, each would be synced,
 * answered and told by itself first, which costs more than all the rest of it. A room whose fan-out is
 * cheap has no turns, and whoever comes first after a pause does not wait.
 *
 * This decides when a publish goes to the log and nothing else: order is the log's, and fan-out is fed by
 * the tail alone.
 */
export class PublishTurns {
  readonly #gathering: Gathering;
  readonly #clock: Clock;
  #turn: Turn | null = null;
  #cameMs = -Infinity;
  /** The turn that has just come: those who had it have not all gone on yet. */
  #leaving: Promise<void> | null = null;

  constructor(gathering: Gathering, clock: Clock) {
    this.#gathering = gathering;
    this.#clock = clock;
  }

  /**
   * Null where a publish may go now; else a promise that fulfils when it may. Those who wait go on in the
   * order in which they asked, before anybody who asks later.
   */
  next(bytes: number): Promise<void> | null {
    const turn = this.#turn ?? this.#open();
    if (turn === null) return this.#leaving;
    turn.bytes += bytes;
    if (turn.bytes >= FULL_TURN_BYTES) this.letGo();
    return turn.comes;
  }

  /** Whoever waits may go. */
  letGo(): void {
    const turn = this.#turn;
    if (turn === null) return;
    this.#turn = null;
    this.#cameMs = this.#clock.monotonic();
    this.#clock.cancel(turn.timer);
    turn.come();
    // Runs behind all who wait, for it comes last.
    this.#leaving = turn.comes.then(() => {
      this.#leaving = null;
    });
  }

  #open(): Turn | null {
    if (this.#gathering.gapMs < TURN_MS) return null;
    const nowMs = this.#clock.monotonic();
    const waitMs = this.#cameMs + TURN_MS - nowMs;
    if (waitMs <= 0) {
      this.#cameMs = nowMs;
      return null;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(waitMs, () => this.letGo());
    this.#turn = { comes: promise, come: resolve, timer, bytes: 0 };
    return this.#turn;
  }
}
