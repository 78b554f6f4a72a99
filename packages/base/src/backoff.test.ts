import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { fullJitterMs } from "./backoff.ts";

const OPTIONS = { baseMs: 500, maxMs: 20_000 };

describe("fullJitterMs", () => {
  test("draws evenly from nothing to a cap that doubles with every try", () => {
    const caps = [0, 1, 2, 3].map((attempt) => fullJitterMs(attempt, OPTIONS, () => 0.5) * 2);
    assert.deepEqual(caps, [500, 1000, 2000, 4000]);
    assert.equal(
      fullJitterMs(3, OPTIONS, () => 0),
      0,
    );
  });

  test("never waits longer than maxMs, however many tries there were", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const waitMs = fullJitterMs(attempt, OPTIONS, () => random);
          assert.ok(waitMs >= 0 && waitMs < OPTIONS.maxMs);
        },
      ),
    );
  });

  test("the very first try is spread too", () => {
    assert.equal(
      fullJitterMs(0, OPTIONS, () => 0.25),
      125,
    );
  });
});
