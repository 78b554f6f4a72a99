import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Price } from "./price.ts";
import { makersClock } from "@parlor/client/figures";
import { readingOf } from "./reading.ts";

const told = (...prices: readonly [symbol: string, ...Price][]): Map<string, Price> =>
  new Map(prices.map(([symbol, ...price]) => [symbol, price]));

describe("what a reader of the prices was told", () => {
  test("[TICKER-3] every change is one that came or one that was conflated, but for those before the first", () => {
    const reading = readingOf(makersClock());
    reading.take(told(["A", 100, 0, 40], ["B", 100, 0, 1]), 1_000);
    assert.equal(reading.figures(1_000).conflated, 0);
    reading.take(told(["A", 101, 10, 44], ["B", 100, 10, 2]), 1_010);
    // A: 41, 42 and 43 of it were replaced.
    assert.equal(reading.figures(1_010).conflated, 3 / 7);
    assert.equal(reading.figures(1_010).received, 4 / 3);
    assert.deepEqual(reading.figures(5_000).received, 0);
  });
});
