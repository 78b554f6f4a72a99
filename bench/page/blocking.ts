import type { Browser, Page } from "playwright-core";
import { coreTimes, type TraceEvent } from "./core-times.ts";

/** How long a page's thread was not free for its person. */
export interface Blocking {
  /** The longest task of the page's main thread, as Chromium's own trace has it, ms. */
  readonly worstTaskMs: number;
  /** The same in ms of a core: what the task itself takes, whoever else wants the machine. */
  readonly worstTaskCpuMs: number;
  /** Tasks of 50 ms and more, by `PerformanceObserver`. */
  readonly longTasks: number;
  /** The longest time from a key or a click to the end of its handlers, by event timing, ms; what is under 16 is not told. */
  readonly worstInputMs: number;
}

interface Watched {
  longTasks: number;
  worstInputMs: number;
}

declare global {
  var watched: Watched | undefined;
}

const BEGIN = "parlor-bench-begin";
const END = "parlor-bench-end";
const TASK = "RunTask";

/** What blocks the page while `act` goes on. */
export async function measureBlocking(
  browser: Browser,
  page: Page,
  act: () => Promise<void>,
): Promise<Blocking> {
  await page.evaluate(watchInputs);
  await browser.startTracing(page, {
    categories: [
      "blink.user_timing",
      "toplevel",
      "devtools.timeline",
      "disabled-by-default-devtools.timeline",
    ],
  });
  await page.evaluate((name) => void performance.mark(name), BEGIN);
  await act();
  await page.evaluate((name) => void performance.mark(name), END);
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const { longTasks, worstInputMs } = await page.evaluate(() => globalThis.watched as Watched);
  const tasks = tasksBetweenMarks(trace.traceEvents);
  return {
    worstTaskMs: Math.max(...tasks.map(({ dur = 0 }) => dur)) / 1_000,
    worstTaskCpuMs: Math.max(...coreTimes(tasks, trace.traceEvents)) / 1_000,
    longTasks,
    worstInputMs,
  };
}

/** Runs in the page. */
function watchInputs(): void {
  const watched: Watched = { longTasks: 0, worstInputMs: 0 };
  globalThis.watched = watched;
  new PerformanceObserver((list) => {
    watched.longTasks += list.getEntries().length;
  }).observe({ type: "longtask" });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceEventTiming[]) {
      // Of a list that moves under a pointer at rest: the browser makes them, and nobody waits for one.
      if (/enter$|leave$|over$|out$/.test(entry.name)) continue;
      watched.worstInputMs = Math.max(watched.worstInputMs, entry.processingEnd - entry.startTime);
    }
  }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
}

/** Tasks of the marked thread between the marks. */
function tasksBetweenMarks(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const begin = events.find(({ name }) => name === BEGIN);
  const end = events.find(({ name }) => name === END);
  if (begin === undefined || end === undefined) throw new Error("the trace does not have the page's marks");
  return events.filter(({ name, pid, tid, ts }) => {
    return name === TASK && pid === begin.pid && tid === begin.tid && ts > begin.ts && ts < end.ts;
  });
}
