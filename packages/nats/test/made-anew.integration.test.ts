import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { describe, test } from "node:test";
import { type NatsLog, openNatsLog } from "@parlor/nats";
import { appendOf, FakeClock, fill, NatsCluster, until } from "@parlor/testkit";

const WIDE = Object.freeze({ maxMessages: 100, maxBytes: Infinity });
const [name, shards] = ["anew", 1];

const deleteStream = async (log: NatsLog, stream: string): Promise<void> => {
  await log.connection.request(`$JS.API.STREAM.DELETE.${stream}`, "", { timeout: 5_000 });
};

describe("streams that are gone, and others in their place", { timeout: 120_000 }, () => {
  test("[NATS-13] a node says that its streams are gone, and fails where they hold another log", async () => {
    await using cluster = await NatsCluster.start();
    const log = await openNatsLog({ url: cluster.url, name, shards });
    let said = "";
    log.onStatus((status) => (said = status.kind === "failed" ? status.message : said));
    try {
      await fill(log, "lobby", 3);
      await cluster.kill(0);
      await rm(cluster.dataFolderOf(0), { recursive: true });
      await cluster.restart(0);
      const saysSo = (): boolean =>
        log.status.kind === "unreachable" && /^the stream anew_\w+ is not in the/.test(log.status.message);
      assert.ok(await until(saysSo, 20_000), JSON.stringify(log.status));
      await assert.rejects(log.append(appendOf("lobby", 4)), { code: "unavailable" });
      assert.equal((await log.read("lobby", 0, WIDE)).head, 3, "what it has it serves");
      const other = await openNatsLog({ url: cluster.url, name, shards });
      assert.ok(await until(() => log.status.kind === "failed", 20_000), JSON.stringify(log.status));
      assert.match(said, /holds another log/);
      await assert.rejects(log.append(appendOf("lobby", 4)), { code: "unavailable" });
      assert.equal((await other.head("lobby")).head, 0);
      await other.close();
    } finally {
      await log.close();
    }
  });

  test("[NATS-13] it acknowledges nothing that is of another log, however quickly that was made", async () => {
    await using cluster = await NatsCluster.start();
    // Its clock stands still, so it does not look by itself.
    const log = await openNatsLog({ url: cluster.url, name, shards, handsOn: false, clock: new FakeClock() });
    const opened = [log];
    try {
      await fill(log, "lobby", 3);
      for (const stream of ["anew_side", "anew_0"]) await deleteStream(log, stream);
      const other = await openNatsLog({ url: cluster.url, name, shards, handsOn: false });
      opened.push(other);
      await assert.rejects(log.append(appendOf("hall", 1)), { code: "unavailable" });
      assert.equal(log.status.kind, "failed");
      assert.equal((await other.head("hall")).head, 0);
      assert.equal((await other.append(appendOf("hall", 1))).kind, "appended");
    } finally {
      await Promise.all(opened.map((each) => each.close()));
    }
  });

  test("[NATS-14] where what the log says of itself is lost, no node begins another one over its rooms", async () => {
    await using cluster = await NatsCluster.start();
    const log = await openNatsLog({ url: cluster.url, name, shards });
    await fill(log, "lobby", 3);
    await deleteStream(log, "anew_side");
    await log.close();
    const again = async (): Promise<void> =>
      await (await openNatsLog({ url: cluster.url, name, shards })).close();
    await assert.rejects(again(), { code: "unavailable", message: /anew_side lost .+ anew_0 holds rooms/ });
    await assert.rejects(again(), { code: "unavailable" });
  });

  test("[NATS-14] streams that were emptied begin anew, and so do nodes that open them at the same moment", async () => {
    await using cluster = await NatsCluster.start({ servers: 3 });
    const open = (): Promise<NatsLog> => openNatsLog({ url: cluster.url, name, shards });
    const before = await open();
    await fill(before, "lobby", 3);
    for (const stream of ["anew_side", "anew_0"])
      await before.connection.request(`$JS.API.STREAM.PURGE.${stream}`, "", { timeout: 5_000 });
    await before.close();
    const opening = ["a", "b", "c"].map(async (room) => {
      const log = await open();
      await fill(log, room, 3);
      return log;
    });
    const logs = await Promise.all(opening);
    try {
      const heads = await Promise.all(logs.flatMap((log) => ["a", "b", "c"].map((room) => log.head(room))));
      assert.deepEqual(new Set(heads.map(({ head }) => head)), new Set([3]));
      assert.equal(new Set(heads.map(({ epoch }) => epoch)).size, 1);
    } finally {
      await Promise.all(logs.map((log) => log.close()));
    }
  });
});
