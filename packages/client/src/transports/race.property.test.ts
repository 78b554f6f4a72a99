import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Race, type RaceEffect } from "./race.ts";
import type { TransportKind } from "./transport.ts";

const KINDS: readonly TransportKind[] = ["websocket", "stream", "poll"];

/** What happens to the runner that a number points at. */
type Move = { readonly at: number; readonly what: "late" | "answered" | "broken" | "odd" | "refused" };

const CLOSES = {
  broken: { code: 1006, reason: "" },
  odd: { code: 1002, reason: "HTTP 502" },
  refused: { code: 1006, reason: "", refusal: { code: "draining", message: "Later." } },
};

describe("Race", () => {
  test("[RACE-1] whatever happens in whatever order, each runs at most once, it ends once, and something runs until then", () => {
    const moves = fc.array(
      fc.record<Move>({
        at: fc.nat(2),
        what: fc.constantFrom("late", "answered", "broken", "odd", "refused"),
      }),
      { maxLength: 12 },
    );
    const orders = fc.shuffledSubarray([...KINDS], { minLength: 1 });
    fc.assert(
      fc.property(orders, moves, fc.boolean(), (order, moves, isThorough) => {
        const race = new Race({ order, headStartMs: 100, isThorough });
        const started = new Set<TransportKind>();
        const running = new Set<TransportKind>();
        let hasTimer = false;
        let end: RaceEffect | null = null;
        const take = (effects: readonly RaceEffect[]): void => {
          for (const effect of effects) {
            assert.equal(end, null, "nothing happens after the end");
            if (effect.kind === "timer") hasTimer = true;
            else if (effect.kind === "start") {
              assert.ok(!started.has(effect.runner), "a runner starts once");
              started.add(effect.runner);
              running.add(effect.runner);
            } else end = effect;
          }
        };
        take(race.begin());
        for (const { at, what } of moves) {
          const runner = [...running][at % Math.max(running.size, 1)];
          if (what === "late") {
            if (!hasTimer) continue;
            hasTimer = false;
            take(race.late());
          } else if (runner === undefined) continue;
          else if (what === "answered") take(race.answered(runner));
          else {
            running.delete(runner);
            take(race.failed(runner, CLOSES[what]));
          }
          if (end === null) assert.ok(running.size > 0, "while it goes on something runs");
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
