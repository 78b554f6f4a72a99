import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Made, makersClock, StateFigures } from "./state-figures.ts";

const told = (...values: readonly (readonly [key: string, atMs: number, changes: number])[]) =>
  new Map<string, Made | undefined>(values.map(([key, atMs, changes]) => [key, { atMs, changes }]));
const figuresWith = (clock = makersClock()): StateFigures<Made> =>
  new StateFigures({ madeOf: (made) => made, clock });

describe("StateFigures", () => {
  test("[FIGURES-1] whatever a reader is told and when, each change is one that came or one that was conflated", () => {
    const change = fc.record({ key: fc.integer({ min: 0, max: 4 }), isTold: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const figures = figuresWith();
        const counts = [1, 1, 1, 1, 1];
        figures.take(told(...counts.map((count, key) => [`${key}`, 0, count] as const)), 0);
        let pending = new Map<string, Made>();
        let received = counts.length;
        for (const [index, { key, isTold }] of changes.entries()) {
          counts[key] = (counts[key] ?? 0) + 1;
          pending.set(`${key}`, { atMs: index, changes: counts[key] });
          if (!isTold && index < changes.length - 1) continue;
          received += pending.size;
          figures.take(pending, index);
          pending = new Map();
        }
        const all = counts.length + changes.length;
        const { received: aSecond, conflated } = figures.figures(changes.length);
        assert.ok(Math.abs(aSecond * 3 - received) < 1e-9);
        assert.ok(Math.abs(conflated - (1 - received / all)) < 1e-9);
      }),
    );
  });

  test("[FIGURES-1] a maker that began anew is no loss, and neither is a key that was removed, which is forgotten", () => {
    const figures = figuresWith();
    figures.take(told(["a", 0, 40], ["b", 0, 7]), 1_000);
    figures.take(new Map(told(["a", 5, 2])).set("b", undefined), 1_005);
    figures.take(told(["b", 6, 90]), 1_006);
    assert.equal(figures.figures(1_006).conflated, 0);
  });

  test("[FIGURES-1] they are of the last three seconds, however many updates come in them", () => {
    const figures = figuresWith();
    for (let ms = 0; ms < 10_000; ms += 1) figures.take(told(["a", ms, ms]), ms);
    assert.ok(Math.abs(figures.figures(10_000).received - 1_000) <= 34);
    assert.equal(figures.figures(13_000).received, 0);
  });

  test("[FIGURES-2] the age is the newest value's, beside the quickest of all readers, however the clocks stand", () => {
    const clock = makersClock();
    const [quick, slow] = [figuresWith(clock), figuresWith(clock)];
    assert.equal(quick.figures(0).ageMs, null);
    quick.take(new Map([["a", undefined]]), 0);
    assert.equal(quick.figures(0).ageMs, null, "a key that is gone was made by nobody");
    // The page's clock is an hour behind.
    const hour = 3_600_000;
    slow.take(told(["a", hour + 1_000, 1]), 1_900);
    assert.equal(slow.figures(1_900).ageMs, 0);
    quick.take(told(["a", hour + 2_000, 1], ["b", hour + 1_500, 1]), 2_005);
    assert.equal(quick.figures(2_025).ageMs, 20);
    assert.equal(slow.figures(2_005).ageMs, 1_000);
  });
});
