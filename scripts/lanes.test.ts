import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Lanes } from "./lanes.ts";

describe("lanes", () => {
  test("so many jobs run at a time, in their order, and the next begins when one ends, failed or not", async () => {
    const lanes = new Lanes(2);
    const begun: number[] = [];
    const ends: ((fault?: Error) => void)[] = [];
    const jobs = [0, 1, 2, 3].map((number) =>
      lanes.run(() => {
        begun.push(number);
        return new Promise<number>((resolve, reject) => {
          ends[number] = (fault) => (fault === undefined ? resolve(number) : reject(fault));
        });
      }),
    );
    assert.deepEqual(begun, [0, 1]);
    ends[1]?.();
    assert.equal(await jobs[1], 1);
    assert.deepEqual(begun, [0, 1, 2]);
    ends[0]?.(new Error("red"));
    await assert.rejects(jobs[0] as Promise<number>, /red/);
    assert.deepEqual(begun, [0, 1, 2, 3]);
    ends[2]?.();
    ends[3]?.();
    assert.deepEqual(await Promise.all(jobs.slice(2)), [2, 3]);
    assert.equal(await lanes.run(() => Promise.resolve("free again")), "free again");
  });
});
