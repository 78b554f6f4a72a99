import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { Counters } from "./counters.ts";
import { ReadPace } from "./read-pace.ts";

const KIB = 1_024;

describe("the pace of reads", () => {
  test("[GROW-74] all reads together have a mebibyte at once and 32 KiB a millisecond, and one beside no others never waits", async () => {
    const clock = new FakeClock();
    const counters = new Counters();
    const pace = new ReadPace(clock, counters);
    for (let i = 0; i < 4; i++) {
      assert.equal(pace.wait(), null);
      pace.spent(256 * KIB);
    }
    assert.equal(pace.wait(), null);
    pace.spent(256 * KIB);
    assert.equal(counters.readsPaced, 0);
    const waiting = pace.wait();
    assert.ok(waiting !== null, "a page more than a mebibyte waits");
    assert.equal(clock.nextInMs, 8, "as long as it takes for a page of 256 KiB");
    assert.equal(counters.readsPaced, 1);
    clock.advance(8);
    await waiting;
    assert.equal(pace.wait(), null);

    // A page every 8 ms, for ever, is what there is time for.
    for (let i = 0; i < 1_000; i++) {
      assert.equal(pace.wait(), null);
      pace.spent(256 * KIB);
      clock.advance(8);
    }
    clock.advance(1_000);
    pace.spent(1_024 * KIB);
    assert.equal(pace.wait(), null, "an hour of rest is no more than a mebibyte");
    pace.spent(1);
    assert.notEqual(pace.wait(), null);
  });
});
