import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openNatsLog } from "@parlor/nats";
import { NatsCluster } from "@parlor/testkit";

describe("streams that can't be made", { timeout: 60_000 }, () => {
  test("[CLUSTER-1] a node says why they can't, and not that they are not there", async () => {
    await using cluster = await NatsCluster.start();
    // Of one server nobody gets three replicas.
    const opening = openNatsLog({ url: cluster.url, name: "never", replicas: 3 });
    await assert.rejects(opening, { code: "unavailable", message: /replicas/ });
  });
});
