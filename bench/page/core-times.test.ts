import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { coreTimes, type TraceEvent } from "./core-times.ts";

/** An event of the page's thread: when it began, how long it lasted and what it took of a core, in microseconds. */
function event(ts: number, dur: number, tdur: number, tid = 1): TraceEvent {
  return { name: "any", pid: 1, tid, ts, dur, tdur };
}

describe("coreTimes", () => {
  test("a task took of its core what the trace says", () => {
    const tasks = [event(0, 5_000, 3_000), event(6_000, 1_000, 900)];
    assert.deepEqual(coreTimes(tasks, [...tasks, event(100, 2_000, 1_500)]), [3_000, 900]);
  });

  test("what the trace sets right within a task is not the task's, though it waited for longer than that", () => {
    const task = event(0, 9_000, 5_000);
    // The small one is where it fell; the one around it lasted longer than both.
    const within = [event(100, 4_000, 3_500), event(200, 300, 2_100)];
    assert.deepEqual(coreTimes([task], [task, ...within]), [3_200]);
  });

  test("what is set right in another task, or on another thread, is left there", () => {
    const tasks = [event(0, 5_000, 3_000), event(6_000, 1_000, 2_500)];
    const elsewhere = event(1_000, 100, 1_900, 2);
    assert.deepEqual(coreTimes(tasks, [...tasks, elsewhere]), [3_000, 1_000]);
  });
});
