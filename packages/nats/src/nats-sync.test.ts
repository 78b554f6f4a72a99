import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { appendOf, NatsCluster, TcpProxy, until } from "@parlor/testkit";
import { openNatsLog } from "./nats-log.ts";

const PATIENCE_MS = 20_000;

describe("a node that was cut off", () => {
  test("[CLUSTER-8] does not say that it is as far as the others before it is", async (t) => {
    await using cluster = await NatsCluster.start();
    await using line = await TcpProxy.listen(Number(new URL(cluster.url).port));
    const near = await openNatsLog({ url: `nats://127.0.0.1:${line.port}`, shards: 1 });
    const far = await openNatsLog({ url: cluster.url, shards: 1 });
    t.after(() => Promise.all([near.close(), far.close()]));
    await far.append(appendOf("lobby", 1));
    await near.sync("lobby");
    assert.equal((await near.head("lobby")).head, 1);
    line.pause();
    await far.append(appendOf("lobby", 2));
    await assert.rejects(near.sync("lobby"), { code: "unavailable" });
    line.resume();
    const isThere = async (): Promise<boolean> => {
      try {
        await near.sync("lobby");
        return true;
      } catch {
        // It finds its way back first.
        return false;
      }
    };
    assert.ok(await until(isThere, PATIENCE_MS));
    assert.equal((await near.head("lobby")).head, 2);
  });
});
