import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { Counters } from "./counters.ts";
import { ReadPace } from "./read-pace.ts";
import { ReadTurns } from "./read-turns.ts";

describe("ReadTurns", () => {
  test("[SLOW-57] two reads are made at once, the others in the order of asking, whether one fails or not", async () => {
    const turns = new ReadTurns(new ReadPace(new FakeClock(), new Counters()));
    const begun: number[] = [];
    const ends: ((fault: Error | null) => void)[] = [];
    const taken = Array.from({ length: 5 }, (_, i) =>
      turns.take(() => {
        begun.push(i);
        return new Promise<number>((resolve, reject) => {
          ends.push((fault) => (fault === null ? resolve(i) : reject(fault)));
        });
      }),
    );
    const settled = Promise.allSettled(taken);
    assert.deepEqual(begun, [0, 1]);
    ends[1]?.(new Error("unreadable"));
    await assert.rejects(taken[1] as Promise<number>, /unreadable/);
    assert.deepEqual(begun, [0, 1, 2]);
    for (const i of [0, 2, 3, 4]) {
      ends[i]?.(null);
      assert.equal(await taken[i], i);
    }
    assert.deepEqual(begun, [0, 1, 2, 3, 4]);
    await settled;
    assert.equal(await turns.take(async () => 7), 7);
  });

  test("[SLOW-57] addresses take turns, and those who catch up are one of them", async () => {
    const turns = new ReadTurns(new ReadPace(new FakeClock(), new Counters()));
    const begun: string[] = [];
    const gate = Promise.withResolvers<void>();
    const take = (name: string, group?: string): Promise<void> =>
      turns.take(async () => {
        begun.push(name);
        await gate.promise;
      }, group);
    const taken = Array.from({ length: 100 }, (_, i) => take(`crowd ${i}`, "192.0.2.1"));
    taken.push(take("other", "192.0.2.2"), take("catch-up"), take("another", "192.0.2.2"));
    assert.deepEqual(begun, ["crowd 0", "crowd 1"]);
    gate.resolve();
    await Promise.all(taken);
    assert.equal(begun.length, 103, "everybody has a turn");
    assert.deepEqual(begun.slice(2, 7), ["crowd 2", "other", "catch-up", "crowd 3", "another"]);
  });
});
