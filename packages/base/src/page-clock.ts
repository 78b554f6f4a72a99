import type { Clock } from "./clock.ts";

/** The longest wait of the platform's timers; they take a longer one for 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The system's time as a page needs it, in a few bytes: a wait of more than 24 days is over after 24, and where there
 * is no page, its timers hold the process.
 */
export const pageClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, task) => ({ timer: setTimeout(task, Math.min(delayMs, MAX_TIMER_MS)) }),
  cancel({ timer }) {
    clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
};
