import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { describe, test } from "node:test";
import type { TailEvent } from "@parlor/log";
import { openNatsLog } from "@parlor/nats";
import { appendOf, fill, NatsCluster, until } from "@parlor/testkit";

const WIDE = Object.freeze({ maxMessages: 100, maxBytes: Infinity });

describe("a cluster that lost what it had acknowledged", { timeout: 60_000 }, () => {
  test("[NATS-9] the room goes on with what is left under a new epoch, and who follows it is told", async () => {
    await using cluster = await NatsCluster.start();
    const log = await openNatsLog({ url: cluster.url, name: "back", shards: 1 });
    const folder = cluster.dataFolderOf(0);
    const copy = `${folder}-of-before`;
    const events: TailEvent[] = [];
    try {
      await fill(log, "lobby", 10);
      await cluster.restart(0);
      await cluster.kill(0);
      await cp(folder, copy, { recursive: true });
      await cluster.restart(0);
      assert.ok(await until(() => log.status.kind === "ready", 30_000));
      await log.append(appendOf("lobby", 11));
      await log.append(appendOf("lobby", 12));
      const { epoch, head } = await log.head("lobby");
      assert.equal(head, 12);
      await log.tail("lobby", (event) => events.push(event));
      // As after a power cut that took what was not synced.
      await cluster.kill(0);
      await rm(folder, { recursive: true });
      await cp(copy, folder, { recursive: true });
      await cluster.restart(0);
      assert.ok(await until(async () => (await log.head("lobby")).epoch !== epoch, 15_000));
      const page = await log.read("lobby", 0, WIDE);
      assert.deepEqual([page.head, page.messages.length], [10, 10]);
      assert.deepEqual(events.at(-1), { kind: "missed", epoch: page.epoch, head: 10, earliest: 1 });
      const again = await log.append(appendOf("lobby", 11));
      assert.ok(again.kind === "appended" && again.offset === 11 && again.epoch === page.epoch);
      const other = await openNatsLog({ url: cluster.url, name: "back" });
      assert.deepEqual(await other.read("lobby", 0, WIDE), await log.read("lobby", 0, WIDE));
      await other.close();
    } finally {
      await log.close();
    }
  });
});
