import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NatsCluster } from "@parlor/testkit";
import { promiseOf } from "./log-promise.ts";
import { readSyncPolicies, syncPolicyOf } from "./sync-policies.ts";

const stream = { name: "parlor_0", replicas: 3, storage: "file", maxBytes: -1, discard: "new" };
const always = { syncAlways: true, syncIntervalMs: null };
const sometimes = { syncAlways: false, syncIntervalMs: 10_000 };

describe("what a log on NATS promises", () => {
  test("[CLUSTER-3] it calls itself durable where all servers say that they sync always, and nowhere else", () => {
    assert.ok(promiseOf([stream], [always, always, always], 0).isDurable);
    assert.ok(!promiseOf([stream], [always, sometimes, always], 0).isDurable);
    assert.ok(!promiseOf([stream], [always, always], 1).isDurable);
    assert.ok(!promiseOf([stream], [], 0).isDurable);
    assert.ok(!promiseOf([stream, { ...stream, storage: "memory" }], [always], 0).isDurable);
  });

  test("[CLUSTER-3] its words say how many servers may be lost, and what a power cut can lose", () => {
    const { words } = promiseOf([stream, { ...stream, replicas: 5 }], [always, sometimes], 0);
    assert.match(words, /^Not durable against power cuts: .+ 2 of 3 servers .+ the loss of any 1,/);
    assert.match(words, /every 10 s only, so a power cut that hits 2 servers at once can lose/);
    assert.match(
      promiseOf([{ ...stream, replicas: 1 }], [], 1).words,
      /one server .+ can't be seen from here/,
    );
    assert.match(
      promiseOf([{ ...stream, storage: "memory" }], [], 0).words,
      /^Not durable: .+parlor_0 in memory/,
    );
  });

  test("[CLUSTER-3] how a server syncs is what its monitoring says; one that is not reached has said nothing", async () => {
    assert.deepEqual(syncPolicyOf({ jetstream: { config: { sync_always: true, sync_interval: 120e9 } } }), {
      syncAlways: true,
      syncIntervalMs: 120_000,
    });
    assert.equal(syncPolicyOf({}), null);
    await using cluster = await NatsCluster.start();
    const { syncs, unreached } = await readSyncPolicies([cluster.monitorOf(0), "http://127.0.0.1:1"]);
    assert.equal(unreached, 1);
    assert.equal(syncs[0]?.syncAlways, false);
  });
});
