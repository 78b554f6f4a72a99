import type { Clock, Random, TimerHandle } from "@parlor/base";
import { newLife, stepLife, type LifeObservation, type LifeState } from "./life.ts";

/** What the heartbeat needs of a connection. */
export interface Living {
  readonly hasSaidHello: boolean;
  /** ms since 1970; null where it has no end. */
  readonly expiresAt: number | null;
  observe(): LifeObservation;
  ping(): void;
  /** No life, nothing taken, or no `hello`. */
  giveUp(reason: "heartbeat" | "slow" | "hello"): void;
  expire(): void;
}

/** How long a connection may take for its `hello`, ms. */
export const HELLO_DEADLINE_MS = 10_000;

/** The longest time between two looks at a connection, ms. */
const MAX_INTERVAL_MS = 1_000;

interface Watched {
  readonly life: LifeState;
  intervals: number;
}

/**
 * Looks at every connection in even intervals: one timer for all, so ten thousand connections cost a
 * millisecond a second and hold no timers of their own.
 *
 * Rules: docs/protocol.md, LIFE- and HELLO-65.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #intervalMs: number;
  /** The heartbeat in intervals. */
  readonly #beat: number;
  readonly #watched = new Map<Living, Watched>();
  #timer: TimerHandle | null = null;

  constructor(heartbeatMs: number, clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#intervalMs = Math.min(MAX_INTERVAL_MS, heartbeatMs / 10);
    this.#beat = heartbeatMs / this.#intervalMs;
  }

  watch(living: Living): void {
    this.#watched.set(living, { life: newLife(this.#beat, this.#random), intervals: 0 });
    this.#timer ??= this.#clock.after(this.#intervalMs, () => this.#look());
  }

  unwatch(living: Living): void {
    this.#watched.delete(living);
  }

  close(): void {
    this.#watched.clear();
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    this.#timer = null;
    const now = this.#clock.now();
    for (const [living, watched] of this.#watched) this.#lookAt(living, watched, now);
    if (this.#watched.size > 0) this.#timer = this.#clock.after(this.#intervalMs, () => this.#look());
  }

  #lookAt(living: Living, watched: Watched, now: number): void {
    watched.intervals += 1;
    if (!living.hasSaidHello && watched.intervals * this.#intervalMs >= HELLO_DEADLINE_MS) {
      living.giveUp("hello");
      return;
    }
    if (living.expiresAt !== null && now >= living.expiresAt) {
      living.expire();
      return;
    }
    const verdict = stepLife(watched.life, living.observe(), this.#beat, this.#random);
    if (verdict === "ping") living.ping();
    else if (verdict !== "none") living.giveUp(verdict);
  }
}
