import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { RingBuffer } from "./ring-buffer.ts";

describe("RingBuffer", () => {
  test("gives back in the order in which it was given, also where it wraps and where it grows", () => {
    const ring = new RingBuffer<number>(4);
    for (const item of [1, 2, 3, 4]) ring.push(item);
    assert.deepEqual([ring.shift(), ring.shift()], [1, 2]);
    for (const item of [5, 6, 7]) ring.push(item);
    assert.deepEqual(
      Array.from({ length: 5 }, () => ring.shift()),
      [3, 4, 5, 6, 7],
    );
    assert.equal(ring.shift(), undefined);
  });

  test("can be looked into without taking anything out", () => {
    const ring = new RingBuffer<string>();
    for (const item of ["a", "b"]) ring.push(item);
    assert.deepEqual([ring.at(0), ring.at(1), ring.at(2), ring.at(-1)], ["a", "b", undefined, undefined]);
    assert.equal(ring.length, 2);
  });

  test("is empty after it was cleared, and can be used again", () => {
    const ring = new RingBuffer<string>();
    ring.push("a");
    ring.clear();
    assert.deepEqual([ring.length, ring.at(0), ring.shift()], [0, undefined, undefined]);
    ring.push("b");
    assert.equal(ring.shift(), "b");
  });

  test("behaves as an array does, whatever is done to it", () => {
    const step = fc.oneof(
      fc.nat().map((item) => ({ push: item })),
      fc.constant("shift" as const),
      fc.constant("clear" as const),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.array(step, { maxLength: 200 }), (capacity, steps) => {
        const ring = new RingBuffer<number>(capacity);
        let model: number[] = [];
        for (const each of steps) {
          if (each === "shift") assert.equal(ring.shift(), model.shift());
          else if (each === "clear") {
            ring.clear();
            model = [];
          } else {
            ring.push(each.push);
            model.push(each.push);
          }
          assert.deepEqual(
            Array.from({ length: ring.length }, (_, i) => ring.at(i)),
            model,
          );
        }
      }),
    );
  });
});
