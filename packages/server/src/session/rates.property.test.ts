import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Rates } from "./rates.ts";

const step = fc.record({
  who: fc.integer({ min: 0, max: 3 }),
  at: fc.integer({ min: 0, max: 1 }),
  afterMs: fc.integer({ min: 0, max: 40 }),
  refund: fc.boolean(),
});

test("[GROW-1] in any span an identity keeps at most its burst and what flowed in meanwhile, an address 5 times that", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 300, size: "max" }),
      fc.integer({ min: 1, max: 10 }),
      (steps, perSecond) => {
        const rates = new Rates({ publishPerSecond: perSecond });
        const kept: { who: number; at: number; nowMs: number }[] = [];
        let nowMs = 0;
        for (const { who, at, afterMs, refund } of steps) {
          nowMs += afterMs;
          const waitMs = rates.takePublish(`${who}`, `192.0.2.${at}`, nowMs);
          if (waitMs > 0) continue;
          if (refund) rates.refundPublish(`${who}`, `192.0.2.${at}`);
          else kept.push({ who, at, nowMs });
        }
        const bound = (spanMs: number, factor: number): number =>
          factor * perSecond * (5 + spanMs / 1000) + 1e-6;
        for (const [from, first] of kept.entries()) {
          let byWho = 0;
          let byAddress = 0;
          for (const { who, at, nowMs: then } of kept.slice(from)) {
            if (who === first.who) byWho += 1;
            if (at === first.at) byAddress += 1;
            assert.ok(byWho <= bound(then - first.nowMs, 1));
            assert.ok(byAddress <= bound(then - first.nowMs, 5));
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("[GROW-1] the wait that a refusal names is always enough, and always at least 1 ms", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200, size: "max" }), (steps) => {
      const rates = new Rates({ publishPerSecond: 1 });
      let nowMs = 0;
      for (const { who, at, afterMs } of steps) {
        nowMs += afterMs / 10;
        const waitMs = rates.takePublish(`${who}`, `192.0.2.${at}`, nowMs);
        if (waitMs === 0) continue;
        assert.ok(waitMs >= 1);
        nowMs += waitMs;
        assert.equal(rates.takePublish(`${who}`, `192.0.2.${at}`, nowMs), 0);
      }
    }),
    { numRuns: 100 },
  );
});

test("[GROW-5] whatever comes, the buckets stay within their bound", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(500), fc.nat(500), fc.nat(2_000)), { maxLength: 500, size: "max" }),
      fc.integer({ min: 1, max: 20 }),
      (steps, maxBuckets) => {
        const rates = new Rates({ publishPerSecond: 20, maxBuckets });
        let nowMs = 0;
        for (const [who, at, afterMs] of steps) {
          nowMs += afterMs;
          rates.takePublish(`${who}`, `192.0.2.${at}`, nowMs);
          assert.ok(rates.size <= maxBuckets * 2);
        }
      },
    ),
    { numRuns: 100 },
  );
});
