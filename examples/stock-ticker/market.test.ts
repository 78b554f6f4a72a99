import assert from "node:assert/strict";
import { test } from "node:test";
import { Market } from "./market.ts";

test("the same seed gives the same walk, and another seed another", () => {
  const walk = (seed: number) => {
    const market = new Market(seed);
    return Array.from({ length: 1_000 }, () => market.next());
  };
  assert.deepEqual(walk(7), walk(7));
  assert.notDeepEqual(walk(7), walk(8));
});

test("each of 500 symbols moves, by half a percent at most, and never below a dollar", () => {
  const market = new Market(3);
  const last = new Map<string, number>();
  const counted = new Map<string, number>();
  for (let count = 0; count < 50_000; count += 1) {
    const { symbol, cents, changes } = market.next();
    const before = last.get(symbol);
    assert.ok(cents >= 100);
    if (before !== undefined) assert.ok(Math.abs(cents - before) <= Math.max(1, before / 200), symbol);
    last.set(symbol, cents);
    counted.set(symbol, (counted.get(symbol) ?? 0) + 1);
    assert.equal(changes, counted.get(symbol));
  }
  assert.equal(last.size, 500);
  assert.equal(new Set(market.symbols).size, 500);
});
