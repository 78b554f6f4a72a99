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
});
