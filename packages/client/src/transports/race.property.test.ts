import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { race } from "./race.ts";
import type { TransportKind } from "./transport.ts";

const KINDS: readonly TransportKind[] = ["websocket", "stream", "poll"];

/** What happens to the runner that a number points at. */
type Move = { readonly at: number; readonly what: "late" | "answered" | "broken" | "odd" | "refused" };

const CLOSES = {
  broken: { code: 1006, reason: "" },
  odd: { code: 1002, reason: "HTTP 502" },
  refused: { code: 1006, reason: "", refusal: { code: "draining", message: "Later." } },
};

describe("race", () => {
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
        const started = new Set<TransportKind>();
        const running = new Set<TransportKind>();
        let hasTimer = false;
        let isOver = false;
        const goesOn = (): void => assert.equal(isOver, false, "nothing happens after the end");
        const own = race(
          { order, headStartMs: 100, isThorough },
          {
            start: (runner) => {
              goesOn();
              assert.ok(!started.has(runner), "a runner starts once");
              started.add(runner);
              running.add(runner);
            },
            wait: () => {
              goesOn();
              hasTimer = true;
            },
            lose: () => {
              goesOn();
              isOver = true;
            },
          },
        );
        own.begin();
        for (const { at, what } of moves) {
          const runner = [...running][at % Math.max(running.size, 1)];
          if (what === "late") {
            if (!hasTimer) continue;
            hasTimer = false;
            own.late();
          } else if (runner === undefined) continue;
          else if (what === "answered") {
            own.answered();
            isOver = true;
          } else {
            running.delete(runner);
            own.failed(runner, CLOSES[what]);
          }
          if (!isOver) assert.ok(running.size > 0, "while it goes on something runs");
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
