import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KILL_POINTS, testSeed, type KillPoint } from "@parlor/testkit";
import { killAtPoints } from "./kills-at-points.ts";

const WANTED: Readonly<Record<KillPoint, number>> = {
  "before-write": 3,
  "amid-writes": 3,
  "after-write-before-sync": 10,
  "after-sync-before-answer": 3,
  "during-checkpoint": 2,
  "checkpoint-before-sync": 2,
};

describe("kills at the points of a commit", { timeout: 280_000 }, () => {
  test("[CRASH-4] [ONCE-1] [KIT-4] killed before, amid and behind its writes and its sync, and in a checkpoint, the server has lost nothing that it acked, and knows what it stored", async (t) => {
    const seed = testSeed();
    t.diagnostic(`seed ${seed}`);
    const shown = await killAtPoints(WANTED, seed);
    t.diagnostic(JSON.stringify({ ...shown, violations: shown.violations.length }));
    assert.deepEqual(shown.violations.slice(0, 5), []);
    assert.equal(shown.unanswered, 0);
    for (const point of KILL_POINTS) {
      assert.ok(
        shown.hits[point] >= WANTED[point],
        `${point}: ${shown.hits[point]} of ${WANTED[point]} kills`,
      );
    }
    assert.ok(shown.duplicates > 0, "some publishes were stored, and their answers lost");
  });
});
