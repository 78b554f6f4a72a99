import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newLife, stepLife, type LifeObservation, type LifeVerdict } from "./life.ts";

const BEAT = 20;
const SILENT: LifeObservation = { received: false, sent: false, hasUnsent: false, taken: false };
const even = (): number => 0.5;

/** Steps until something is decided; how many steps that took, and what. */
function until(seen: (step: number) => LifeObservation, random = even, max = 200): [number, LifeVerdict][] {
  const state = newLife(BEAT, random);
  const decided: [number, LifeVerdict][] = [];
  for (let step = 1; step <= max; step++) {
    const verdict = stepLife(state, seen(step), BEAT, random);
    if (verdict !== "none") decided.push([step, verdict]);
    if (verdict === "heartbeat" || verdict === "slow") break;
  }
  return decided;
}

describe("life of a connection", () => {
  test("[LIFE-2] a silent connection is pinged after one heartbeat, with ±20 % jitter", () => {
    assert.equal(until(() => SILENT)[0]?.[0], 20);
    assert.equal(
      until(
        () => SILENT,
        () => 0,
      )[0]?.[0],
      16,
    );
    assert.equal(
      until(
        () => SILENT,
        () => 0.999,
      )[0]?.[0],
      24,
    );
  });

  test("[LIFE-3] without life for one and a half heartbeats it is given up", () => {
    assert.deepEqual(
      until(() => SILENT),
      [
        [20, "ping"],
        [30, "heartbeat"],
      ],
    );
  });

  test("[LIFE-1] any byte from the peer is life", () => {
    const decided = until((step) => ({ ...SILENT, received: step % 25 === 0 }));
    assert.ok(decided.every(([, verdict]) => verdict === "ping"));
  });

  test("[LIFE-2] a connection to which nothing was sent is pinged even while its peer talks", () => {
    const decided = until(() => ({ ...SILENT, received: true }), even, 45);
    assert.deepEqual(decided, [
      [20, "ping"],
      [40, "ping"],
    ]);
  });

  test("[LIFE-2] nothing is pinged into a send buffer that is not empty", () => {
    const decided = until(() => ({ ...SILENT, hasUnsent: true }), even, 39);
    assert.deepEqual(decided, []);
  });

  test("[LIFE-4] a send buffer of which nothing is taken for two heartbeats closes as slow", () => {
    assert.deepEqual(
      until(() => ({ ...SILENT, hasUnsent: true })),
      [[40, "slow"]],
    );
  });

  test("[LIFE-4] a reader that takes a little now and then is slow but alive", () => {
    const decided = until((step) => ({ ...SILENT, hasUnsent: true, taken: step % 30 === 0 }));
    assert.deepEqual(decided, []);
  });

  test("[LIFE-3] bytes that only the kernel took are no life", () => {
    const decided = until(() => ({ ...SILENT, sent: true }));
    assert.deepEqual(decided.at(-1), [30, "heartbeat"]);
  });
});
