import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { jetstreamManager } from "@nats-io/jetstream";
import { openNatsLog } from "@parlor/nats";
import { appendOf, fill, NatsCluster, until } from "@parlor/testkit";

const LARGE = JSON.stringify("x".repeat(30_000));

describe("a stream that is full", { timeout: 60_000 }, () => {
  test("[NATS-16] a node finds out by itself that there is room again, though nobody publishes to it", async () => {
    await using cluster = await NatsCluster.start();
    const log = await openNatsLog({ url: cluster.url, name: "full", shards: 1 });
    try {
      await fill(log, "lobby", 3);
      const { streams } = await jetstreamManager(log.connection);
      await streams.update("full_0", { max_bytes: 50_000 });
      await log.append(appendOf("lobby", 4, { bodyJson: LARGE }));
      await assert.rejects(log.append(appendOf("lobby", 5, { bodyJson: LARGE })), {
        code: "unavailable",
        message: /no room left/,
      });
      assert.equal(log.status.kind, "full");
      assert.equal((await log.head("lobby")).head, 4, "what it has it serves");
      await streams.update("full_0", { max_bytes: 500_000 });
      assert.ok(await until(() => log.status.kind === "ready", 20_000), JSON.stringify(log.status));
      assert.equal((await log.append(appendOf("lobby", 5, { bodyJson: LARGE }))).kind, "appended");
    } finally {
      await log.close();
    }
  });
});
