import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readBenchText, writeBenchText } from "./bench-text.ts";
import { Checker } from "./checker.ts";
import { PARLOR } from "./dialects/parlor.ts";
import { Latencies } from "./latencies.ts";

/** Members that are each given `publisher:count` in this order; how many faults that makes. */
function faultsOf(...members: readonly string[]): number {
  const checker = new Checker();
  members.forEach((given, index) => {
    const take = checker.member(`member ${index}`);
    for (const each of given.split(" ")) {
      const [publisher, count] = each.split(":").map(Number);
      take({ publisher: publisher as number, count: count as number, dueMs: 0 });
    }
  });
  return checker.report.faultCount;
}

describe("the checked members of a room", () => {
  test("find nothing where all were given the same, each publisher's in its order", () => {
    assert.equal(faultsOf("1:1 2:1 1:2 1:3", "1:1 2:1 1:2", "1:1 2:1 1:2 1:3 2:2"), 0);
  });

  test("find a message that came twice, that is missing, and that came too early", () => {
    assert.ok(faultsOf("1:1 1:1") > 0);
    assert.ok(faultsOf("1:1 1:3") > 0);
    assert.ok(faultsOf("1:2 1:1") > 0);
  });

  test("find two members who saw another order", () => {
    assert.ok(faultsOf("1:1 2:1", "2:1 1:1") > 0);
  });

  test("find a chain that broke, and a publish that was refused", () => {
    const read = PARLOR.reader();
    const start = { epoch: "e", head: 0, earliest: 1, lost: null, skipped: null };
    read(JSON.stringify({ type: "subscribed", room: "bench", after: 0, ...start }));
    const messages = (after: number, offset: number): string =>
      JSON.stringify({
        type: "messages",
        room: "bench",
        after,
        messages: [{ offset, from: "i", producer: "producer", seq: offset, at: 1, body: `body ${offset}` }],
      });
    assert.deepEqual(read(messages(0, 1)), ["body 1"]);
    assert.throws(() => read(messages(2, 3)), /the chain broke/);
    const refused = { type: "refused", room: "bench", seq: 1, code: "rate-limited", message: "slow down" };
    assert.throws(() => read(JSON.stringify(refused)), /rate-limited/);
  });
});

describe("what the load measures", () => {
  test("a message says again who published it, the how manieth it is and when it was due", () => {
    const text = writeBenchText({ publisher: 7, count: 1_234, dueMs: 98_765.25 }, 100);
    assert.equal(text.length, 100);
    assert.deepEqual(readBenchText(text), { publisher: 7, count: 1_234, dueMs: 98_765.25 });
    assert.equal(readBenchText("the room is open"), null);
  });

  test("quantiles are values that were measured", () => {
    const latencies = new Latencies();
    for (let ms = 100; ms >= 1; ms--) latencies.add(ms);
    assert.deepEqual(latencies.summary(), { count: 100, p50: 50, p99: 99, max: 100 });
  });
});
