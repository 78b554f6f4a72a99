import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SqliteLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { freshKey, Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { sqliteLog, temporaryFolder } from "./support/sqlite-folder.ts";

describe("a server that was restarted", () => {
  test("[DURABLE-50] has what was acked, goes on in the same epoch, and knows what was sent before", async (t) => {
    const folder = await temporaryFolder(t);
    const hello = { key: freshKey(), producer: "my-outbox" };
    const log = await SqliteLog.open({ folder });
    const first = new Parlor({ log });
    const { port } = await first.listen({ port: 0 });
    const before = await Peer.join(t, port, hello);
    const { epoch } = await before.subscribe("lobby", { last: 10 });
    before.send(...[1, 2, 3].map((seq) => ({ type: "publish", room: "lobby", seq, body: seq })));
    for (let i = 0; i < 3; ) if ((await before.any()).type === "ack") i += 1;
    await first.close();
    await before.close();
    await log.close();

    const second = await startParlor(t, { log: await SqliteLog.open({ folder }) });
    const after = await Peer.join(t, second.port, hello);
    const resumed = await after.subscribe("lobby", { epoch, after: 1 });
    assert.deepEqual([resumed.epoch, resumed.after, resumed.lost], [epoch, 1, null]);
    const { messages } = await after.next("messages");
    assert.deepEqual(
      messages.map((message) => message.body),
      [2, 3],
    );
    assert.deepEqual(await after.publish("lobby", 3, 3), {
      type: "ack",
      room: "lobby",
      seq: 3,
      offset: 3,
      duplicate: true,
    });
    after.send({ type: "publish", room: "lobby", seq: 4, body: 4 });
    assert.deepEqual([(await after.find("ack")).offset], [4]);
  });

  test("[LOST-7] on another folder is another history: an old cursor is told so, and nothing is silently skipped", async (t) => {
    const one = await startParlor(t, { log: await sqliteLog(t) });
    const old = await one.parlor.room("lobby").publish("of another history");
    const two = await startParlor(t, { log: await sqliteLog(t) });
    await two.parlor.room("lobby").publish("a");
    await two.parlor.room("lobby").publish("b");
    const peer = await Peer.join(t, two.port);
    const { lost, after, epoch } = await peer.subscribe("lobby", { epoch: old.epoch, after: old.offset });
    assert.deepEqual([lost, after], [{ epoch: true }, 0]);
    assert.notEqual(epoch, old.epoch);
    assert.equal((await peer.next("messages")).messages.length, 2);
  });
});
