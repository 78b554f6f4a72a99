import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import type { Clock } from "./clock.ts";
import { startTicks } from "./ticks.ts";

describe("startTicks", () => {
  test("ticks come every so often, do not drift, and those of a pause are told together", () => {
    const clock = new FakeClock();
    let takenMs = 0;
    const busy: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + takenMs,
      after: (delayMs, task) => clock.after(delayMs, task),
      cancel: (handle) => clock.cancel(handle),
    };
    const told: [number, number, number][] = [];
    const stop = startTicks(busy, 50, (tick, passed) => {
      told.push([tick, passed, busy.monotonic()]);
      // The call itself takes its time, and once a good deal of it.
      takenMs += tick === 3 ? 170 : 7;
    });
    clock.advance(400);
    assert.deepEqual(told.slice(0, 5), [
      [1, 1, 50],
      [2, 1, 100],
      [3, 1, 150],
      [6, 3, 321],
      [7, 1, 350],
    ]);
    stop();
    stop();
    const { length } = told;
    clock.advance(1_000);
    assert.equal(told.length, length);
    assert.equal(clock.pendingCount, 0);
  });

  test("it may be stopped from within", () => {
    const clock = new FakeClock();
    let calls = 0;
    const stop = startTicks(clock, 10, () => {
      calls += 1;
      stop();
    });
    clock.advance(100);
    assert.equal(calls, 1);
    assert.equal(clock.pendingCount, 0);
  });
});
