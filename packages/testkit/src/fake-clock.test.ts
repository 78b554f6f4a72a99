import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "./fake-clock.ts";

describe("FakeClock", () => {
  test("timers run in the order in which they fall due, ties in the order in which they were set", () => {
    const clock = new FakeClock(0);
    const ran: string[] = [];
    clock.after(20, () => ran.push("c"));
    clock.after(10, () => ran.push("a"));
    clock.after(20, () => ran.push("d"));
    clock.after(15, () => ran.push("b"));
    clock.advance(19);
    assert.deepEqual(ran, ["a", "b"]);
    clock.advance(1);
    assert.deepEqual(ran, ["a", "b", "c", "d"]);
    assert.equal(clock.pendingCount, 0);
  });

  test("a timer sees the moment at which it falls due on both clocks", () => {
    const clock = new FakeClock(1_000);
    let seen: number[] = [];
    clock.after(7, () => (seen = [clock.now(), clock.monotonic()]));
    clock.advance(100);
    assert.deepEqual(seen, [1_007, 7]);
    assert.deepEqual([clock.now(), clock.monotonic()], [1_100, 100]);
  });

  test("a timer that sets another one within the same advance has it run on time", () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const again = (): void => {
      at.push(clock.monotonic());
      if (at.length < 4) clock.after(10, again);
    };
    clock.after(10, again);
    clock.advance(35);
    assert.deepEqual(at, [10, 20, 30]);
    assert.equal(clock.nextInMs, 5);
  });

  test("a cancelled timer never runs, and cancelling twice is harmless", () => {
    const clock = new FakeClock();
    let ran = false;
    const handle = clock.after(5, () => (ran = true));
    clock.cancel(handle);
    clock.cancel(handle);
    clock.advance(10);
    assert.equal(ran, false);
    assert.equal(clock.nextInMs, null);
  });

  test("a jump of the wall clock neither runs timers nor moves them", () => {
    const clock = new FakeClock(1_000);
    let ran = 0;
    clock.after(10, () => ran++);
    clock.setWall(0);
    assert.deepEqual([clock.now(), clock.monotonic(), ran], [0, 0, 0]);
    clock.advance(10);
    assert.deepEqual([clock.now(), clock.monotonic(), ran], [10, 10, 1]);
  });

  test("time does not go back", () => {
    assert.throws(() => new FakeClock().advance(-1), RangeError);
  });

  test("advanceAsync lets promises settle between timers", async () => {
    const clock = new FakeClock();
    const ran: string[] = [];
    clock.after(
      1,
      () => void Promise.resolve().then(() => clock.after(1, () => ran.push("set by a promise"))),
    );
    await clock.advanceAsync(5);
    assert.deepEqual(ran, ["set by a promise"]);
  });
});
