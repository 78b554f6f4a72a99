/**
 * Time as a port, so that a test or a simulation can own it.
 *
 * `now` is for people (what a message says of when it was written); it may jump. `monotonic` is for
 * measuring and deciding; it never goes back. Nothing outside this package reads the system's clocks.
 * Every implementation runs `describeClockContract` of the testkit.
 */
export interface Clock {
  /** Wall-clock milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some fixed moment; never falls. */
  monotonic(): number;
  /**
   * Runs `task` once after `delayMs`, never at once: less than 1 ms, and what is no number, is 1 ms. Tasks
   * run in the order in which they fall due, those of one delay in the order in which they were set. The
   * handle goes to `cancel`. Does not keep a process alive.
   */
  after(delayMs: number, task: () => void): TimerHandle;
  cancel(handle: TimerHandle): void;
}

/** What `Clock.after` returns; opaque. */
export type TimerHandle = { readonly timer: unknown };

/** The longest wait of the system's timers; they take a longer one for 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, task) {
    const handle: { timer: unknown } = { timer: undefined };
    const wait = (leftMs: number): void => {
      const next = (): void => (leftMs > MAX_TIMER_MS ? wait(leftMs - MAX_TIMER_MS) : task());
      handle.timer = setTimeout(next, Math.min(leftMs, MAX_TIMER_MS));
      // In Node a pending timer would keep the process alive; in a browser the handle is a number.
      (handle.timer as { unref?(): void }).unref?.();
    };
    wait(delayMs);
    return handle;
  },
  cancel(handle) {
    clearTimeout(handle.timer as ReturnType<typeof setTimeout>);
  },
};
