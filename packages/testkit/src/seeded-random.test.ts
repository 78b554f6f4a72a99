import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { randomInteger, randomItem, seededRandom, shuffled } from "./seeded-random.ts";

const take = (seed: number | string, count: number): number[] =>
  Array.from({ length: count }, seededRandom(seed));

describe("seededRandom", () => {
  test("one seed gives the same numbers every time, another one gives others", () => {
    assert.deepEqual(take(7, 50), take(7, 50));
    assert.deepEqual(take("a", 50), take("a", 50));
    assert.notDeepEqual(take(7, 50), take(8, 50));
  });

  test("numbers lie in [0, 1) and spread evenly", () => {
    const buckets = new Array<number>(10).fill(0);
    for (const value of take("spread", 100_000)) {
      assert.ok(value >= 0 && value < 1);
      buckets[Math.floor(value * 10)]! += 1;
    }
    for (const count of buckets) assert.ok(count > 9_500 && count < 10_500, `a bucket has ${count}`);
  });

  test("a thousand neighbouring seeds begin with a thousand different numbers", () => {
    const firsts = new Set(Array.from({ length: 1000 }, (_, seed) => seededRandom(seed)()));
    assert.equal(firsts.size, 1000);
  });
});

describe("choices", () => {
  test("a random integer reaches both ends and nothing outside", () => {
    const random = seededRandom(1);
    const seen = new Set(Array.from({ length: 500 }, () => randomInteger(random, 3, 6)));
    assert.deepEqual(seen, new Set([3, 4, 5, 6]));
  });

  test("choosing from nothing is an error", () => {
    assert.throws(() => randomItem(seededRandom(1), []), RangeError);
  });

  test("shuffling keeps every item and leaves the original alone", () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const copy = shuffled(seededRandom("order"), items);
    assert.notDeepEqual(copy, items);
    assert.deepEqual(new Set(copy), new Set(items));
    assert.equal(copy.length, items.length);
    assert.deepEqual(items, [1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
