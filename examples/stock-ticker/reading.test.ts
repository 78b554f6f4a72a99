import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Price } from "./price.ts";
import { Reading } from "./reading.ts";

const told = (...prices: readonly [symbol: string, ...Price][]): Map<string, Price> =>
  new Map(prices.map(([symbol, ...price]) => [symbol, price]));

describe("what a reader of the prices was told", () => {
  test("[TICKER-3] every change is one that came or one that was conflated, but for those before the first", () => {
    const reading = new Reading({ quickestMs: Infinity });
    reading.take(told(["A", 100, 0, 40], ["B", 100, 0, 1]), 1_000);
    assert.equal(reading.figures(1_000).conflated, 0);
    reading.take(told(["A", 101, 10, 44], ["B", 100, 10, 2]), 1_010);
    // A: 41, 42 and 43 of it were replaced.
    assert.equal(reading.figures(1_010).conflated, 3 / 7);
    assert.equal(reading.figures(1_010).received, 4 / 3);
    assert.deepEqual(reading.figures(5_000).received, 0);
  });

  test("a market that began anew is no loss, and a symbol that is gone is none either", () => {
    const reading = new Reading({ quickestMs: Infinity });
    reading.take(told(["A", 100, 0, 40]), 1_000);
    reading.take(
      new Map([
        ["A", [99, 5, 2] as const],
        ["B", undefined],
      ]),
      1_005,
    );
    assert.equal(reading.figures(1_005).conflated, 0);
  });

  test("the age is the newest price's, beside the quickest of all readers, however the clocks stand", () => {
    const clock = { quickestMs: Infinity };
    const [quick, slow] = [new Reading(clock), new Reading(clock)];
    assert.equal(quick.figures(0).ageMs, null);
    // The page's clock is an hour behind.
    const hour = 3_600_000;
    slow.take(told(["A", 100, hour + 1_000, 1]), 1_900);
    assert.equal(slow.figures(1_900).ageMs, 0);
    quick.take(told(["A", 100, hour + 2_000, 1], ["B", 100, hour + 1_500, 1]), 2_005);
    assert.equal(quick.figures(2_025).ageMs, 20);
    assert.equal(slow.figures(2_005).ageMs, 1_000);
  });
});
