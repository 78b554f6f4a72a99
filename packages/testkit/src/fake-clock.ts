import type { Clock, TimerHandle } from "@parlor/base";

interface FakeTimer {
  readonly dueMs: number;
  /** Breaks ties: timers due at one moment run in the order in which they were set. */
  readonly order: number;
  readonly task: () => void;
}

/** A loop of timers that set one another without end would hang a test; this many in one call is one. */
const MAX_TIMERS_IN_ONE_ADVANCE = 1_000_000;

/**
 * A clock that stands still until a test moves it.
 *
 * `advance` moves both times and runs what falls due on the way; `setWall` moves only the wall clock,
 * as an operator, a sync or a daylight change would, and runs nothing.
 */
export class FakeClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  #order = 0;
  readonly #timers = new Set<FakeTimer>();

  /** @param wallMs  What `now()` says at first. Default: 2025-11-22T12:00:00Z. */
  constructor(wallMs = Date.UTC(2025, 10, 22, 12)) {
    this.#wallMs = wallMs;
  }

  now(): number {
    return this.#wallMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, task: () => void): TimerHandle {
    // As the system's timers do: less than 1 ms, and what is no number, means 1 ms.
    const waitMs = delayMs >= 1 ? delayMs : 1;
    const timer: FakeTimer = { dueMs: this.#monotonicMs + waitMs, order: this.#order++, task };
    this.#timers.add(timer);
    return { timer };
  }

  cancel(handle: TimerHandle): void {
    this.#timers.delete(handle.timer as FakeTimer);
  }

  /** Timers that are set and neither ran nor were cancelled. */
  get pendingCount(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer; null where none is set. */
  get nextInMs(): number | null {
    const next = this.#next(Infinity);
    return next === null ? null : next.dueMs - this.#monotonicMs;
  }

  /**
   * Moves time on by `ms`. Each timer runs at its own moment, in order; one set by another on the way
   * runs too where it falls due in time. What a timer throws comes out here.
   */
  advance(ms: number): void {
    const endMs = this.#endOf(ms);
    for (let ran = 0; this.#runNext(endMs); ran++) assertEnds(ran);
    this.#moveTo(endMs);
  }

  /** As `advance`, and lets promises settle before the first timer, between timers and at the end. */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#endOf(ms);
    await settle();
    for (let ran = 0; this.#runNext(endMs); ran++) {
      assertEnds(ran);
      await settle();
    }
    this.#moveTo(endMs);
  }

  /** Makes `now()` jump, forward or back; `monotonic()` and the timers do not notice. */
  setWall(ms: number): void {
    this.#wallMs = ms;
  }

  #endOf(ms: number): number {
    if (!(ms >= 0)) throw new RangeError("time does not go back; setWall moves the wall clock");
    return this.#monotonicMs + ms;
  }

  #runNext(endMs: number): boolean {
    const timer = this.#next(endMs);
    if (timer === null) return false;
    this.#timers.delete(timer);
    this.#moveTo(timer.dueMs);
    timer.task();
    return true;
  }

  #next(endMs: number): FakeTimer | null {
    let next: FakeTimer | null = null;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      if (next === null || timer.dueMs < next.dueMs) next = timer;
      else if (timer.dueMs === next.dueMs && timer.order < next.order) next = timer;
    }
    return next;
  }

  #moveTo(monotonicMs: number): void {
    this.#wallMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}

/** One turn of the event loop: every promise that could settle by itself has done so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function assertEnds(ran: number): void {
  if (ran > MAX_TIMERS_IN_ONE_ADVANCE) throw new Error("timers keep setting one another without an end");
}
