import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { TokenBucket } from "./token-bucket.ts";

describe("TokenBucket", () => {
  test("starts full, gives a burst, and then what flows in", () => {
    const bucket = new TokenBucket(10, 3, 0);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => bucket.take(0)),
      [true, true, true, false],
    );
    assert.equal(bucket.take(99), false);
    assert.equal(bucket.take(100), true);
    assert.equal(bucket.take(100), false);
  });

  test("keeps no more than a burst, however long it was left alone", () => {
    const bucket = new TokenBucket(10, 3, 0);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => bucket.take(1_000_000)),
      [true, true, true, false],
    );
  });

  test("says how long to wait, and after that wait there is a token", () => {
    const bucket = new TokenBucket(3, 1, 0);
    assert.equal(bucket.waitMs(0), 0);
    bucket.take(0);
    const waitMs = bucket.waitMs(0);
    assert.equal(waitMs, 334);
    assert.equal(bucket.take(waitMs - 1), false);
    assert.equal(bucket.take(waitMs), true);
  });

  test("takes back a token for work that cost nothing, never above its burst", () => {
    const bucket = new TokenBucket(1, 2, 0);
    bucket.refund();
    assert.deepEqual(
      [1, 2, 3].map(() => bucket.take(0)),
      [true, true, false],
    );
    bucket.refund();
    assert.equal(bucket.take(0), true);
  });

  test("is full again when nothing would be lost by forgetting it", () => {
    const bucket = new TokenBucket(10, 2, 0);
    assert.equal(bucket.isFull(0), true);
    bucket.take(0);
    assert.equal(bucket.isFull(50), false);
    assert.equal(bucket.isFull(100), true);
  });

  test("without a rate it never refuses", () => {
    const bucket = new TokenBucket(Infinity, 1, 0);
    for (let i = 0; i < 1000; i++) assert.equal(bucket.take(0), true);
    assert.deepEqual([bucket.waitMs(0), bucket.isFull(0)], [0, true]);
  });

  test("a clock that goes back gives nothing away", () => {
    const bucket = new TokenBucket(1000, 1, 5_000);
    bucket.take(5_000);
    assert.equal(bucket.take(0), false);
    assert.equal(bucket.take(5_000), false);
    assert.equal(bucket.take(5_001), true);
  });

  test("never gives more than its burst and what flowed in", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }),
        (perSecond, burst, waits) => {
          const bucket = new TokenBucket(perSecond, burst, 0);
          let nowMs = 0;
          let taken = 0;
          for (const waitMs of waits) {
            nowMs += waitMs;
            if (bucket.take(nowMs)) taken += 1;
            assert.ok(taken <= burst + (nowMs / 1000) * perSecond + 1e-6);
          }
        },
      ),
    );
  });
});
