import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { systemClock } from "./clock.ts";

describe("systemClock", () => {
  test("now is the wall clock, monotonic never falls", () => {
    const before = Date.now();
    const now = systemClock.now();
    assert.ok(now >= before && now <= Date.now());
    let last = systemClock.monotonic();
    for (let i = 0; i < 1000; i++) {
      const next = systemClock.monotonic();
      assert.ok(next >= last);
      last = next;
    }
  });

  test("a task runs once after its delay", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    let ran = 0;
    systemClock.after(1000, () => ran++);
    context.mock.timers.tick(999);
    assert.equal(ran, 0);
    context.mock.timers.tick(1);
    context.mock.timers.tick(10_000);
    assert.equal(ran, 1);
  });

  test("a task that was cancelled never runs", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    let ran = 0;
    const handle = systemClock.after(1000, () => ran++);
    systemClock.cancel(handle);
    systemClock.cancel(handle);
    context.mock.timers.tick(10_000);
    assert.equal(ran, 0);
  });

  // The system's timers take more than 2³¹ − 1 ms for 1 ms: a token of 30 days would expire at once.
  test("a delay of months is waited for, and can be cancelled half way", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const LONGEST_MS = 2 ** 31 - 1;
    const ran: string[] = [];
    systemClock.after(2 * LONGEST_MS + 1000, () => ran.push("waited for"));
    const cancelled = systemClock.after(2 * LONGEST_MS, () => ran.push("cancelled"));
    systemClock.after(Infinity, () => ran.push("never"));
    context.mock.timers.tick(LONGEST_MS);
    systemClock.cancel(cancelled);
    context.mock.timers.tick(LONGEST_MS);
    context.mock.timers.tick(999);
    assert.deepEqual(ran, []);
    context.mock.timers.tick(1);
    assert.deepEqual(ran, ["waited for"]);
  });

  test("a task that waits does not keep a process alive", () => {
    const script = `import { systemClock } from ${JSON.stringify(new URL("clock.ts", import.meta.url).href)}; systemClock.after(60_000, () => {});`;
    const { status, signal } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      timeout: 20_000,
    });
    assert.deepEqual([status, signal], [0, null]);
  });
});
