import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { copyRooms, planCopy, SqliteCopySource, SqliteLog, verifyCopy } from "@parlor/log";
import { NatsCopy } from "@parlor/nats";
import { fill, NatsCluster } from "@parlor/testkit";

describe("a copy into a cluster whose servers die", { timeout: 300_000 }, () => {
  test("[COPY-8] it waits for those that are left, goes on by itself, and the rooms are the same", async () => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-copy-"));
    await using cluster = await NatsCluster.start({ servers: 3 });
    try {
      const log = await SqliteLog.open({ folder });
      const rooms = Array.from({ length: 60 }, (_, i) => `room ${i}`);
      await Promise.all(rooms.map((room) => fill(log, room, 1_200)));
      await log.close();
      await using source = SqliteCopySource.open(folder);
      await using target = await NatsCopy.open({ url: cluster.url, shards: 2, listenMs: 0 });
      const plan = await planCopy(source, target);
      let share = 0;
      let killing: Promise<void> = Promise.resolve();
      let kills = 0;
      await copyRooms(source, target, plan, (done, total) => {
        if (done / total < share) return;
        // The next server, once the last one is back.
        share += 0.2;
        const index = kills++ % 3;
        killing = killing.then(async () => {
          await cluster.kill(index);
          await cluster.restart(index);
        });
      });
      await killing;
      assert.ok(kills >= 5);
      const verdict = await verifyCopy(source, target, plan, 0, () => undefined);
      assert.deepEqual([verdict.rooms, verdict.messages], [60, 72_000]);
      await target.end();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
