import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@parlor/base";
import { FakeClock } from "@parlor/testkit";
import { ProcessReadings } from "./process-readings.ts";

/** Waits on the real event loop, which is what is measured here. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("a blocked event loop is told, in the window in which it was blocked and not after", async (t) => {
  const clock = new FakeClock();
  const readings = new ProcessReadings(clock);
  t.after(() => readings.close());
  assert.equal(readings.eventLoopDelay(), null);
  await pause(50);
  const until = systemClock.monotonic() + 200;
  while (systemClock.monotonic() < until);
  await pause(50);
  clock.advance(1_000);
  const blocked = readings.eventLoopDelay();
  assert.ok(blocked !== null && blocked.maxMs >= 150, JSON.stringify(blocked));
  assert.deepEqual(readings.eventLoopDelay(), blocked);
  await pause(100);
  clock.advance(1_000);
  const calm = readings.eventLoopDelay();
  assert.ok(calm !== null && calm.maxMs < 150, JSON.stringify(calm));
  assert.ok(calm.p50Ms >= 0);
});

test("CPU time rises and memory is told", (t) => {
  const readings = new ProcessReadings(new FakeClock());
  t.after(() => readings.close());
  const before = readings.cpuSeconds();
  const until = systemClock.monotonic() + 20;
  while (systemClock.monotonic() < until);
  assert.ok(readings.cpuSeconds() > before);
  assert.ok((readings.residentBytes() ?? 0) > 1_000_000);
});
