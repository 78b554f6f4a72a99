import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KILL_POINTS, type KillPoint, testSeed } from "@parlor/testkit";
import { killAtPoints } from "./kills-at-points.ts";

/** At each point, by each of the servers. */
const KILLS = 15;
/** Servers that live and are killed at the same time: a life mostly waits. */
const SERVERS = 2;

describe("many kills at the points of a commit", { timeout: 2_400_000 }, () => {
  test(`[CRASH-4] [ONCE-1] after ${SERVERS * KILLS} kills at each point, nothing that was acked is lost, and what was stored is known`, async (t) => {
    const seed = testSeed();
    t.diagnostic(`seed ${seed}`);
    const wanted = Object.fromEntries(KILL_POINTS.map((point) => [point, KILLS])) as Record<
      KillPoint,
      number
    >;
    const servers = Array.from({ length: SERVERS }, (_, i) => killAtPoints(wanted, `${seed}-${i}`));
    for (const shown of await Promise.all(servers)) {
      t.diagnostic(JSON.stringify({ ...shown, violations: shown.violations.length }));
      assert.deepEqual(shown.violations.slice(0, 5), []);
      assert.equal(shown.unanswered, 0);
      for (const point of KILL_POINTS)
        assert.ok(shown.hits[point] >= KILLS, `${point}: ${shown.hits[point]} kills`);
      assert.ok(
        shown.duplicates > KILLS,
        `${shown.duplicates} publishes were stored, and their answers lost`,
      );
    }
  });
});
