import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { testSeed } from "@parlor/testkit";
import { tortureCluster } from "./torture-cluster.ts";

describe("the torture of a cluster", { timeout: 1_500_000 }, () => {
  test("[CLUSTER-6] [TORTURE-4] after twenty faults of three nodes and three servers of NATS nothing is lost, repeated or reordered, on any transport", async (t) => {
    const flags = { minutes: 4, seed: testSeed(), members: 24, log: "nats", faults: 20 } as const;
    t.diagnostic(`npm run torture -- --log nats --minutes 8 --members ${flags.members} --seed ${flags.seed}`);
    const verdict = await tortureCluster(flags, (line) => t.diagnostic(line));
    for (const line of verdict.lines) t.diagnostic(line);
    assert.deepEqual(verdict.violations, []);
    assert.deepEqual(verdict.missed, [], "each kind of fault met its target");
    assert.ok(verdict.tally.of("deliveries") > 1_000, "enough was seen to prove anything");
  });
});
