import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import { startParlor } from "./support/parlor-server.ts";
import type { RestPage } from "./support/rest.ts";
import { sqliteLog } from "./support/sqlite-folder.ts";

const HELLO = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };

describe("pages of a log that makes their text itself", () => {
  test("[GROW-77] it is asked for the text and not for the messages, by requests and by connections, and what they are told is the same", async (t) => {
    const log = await sqliteLog(t);
    const { parlor, origin, port } = await startParlor(t, { log });
    for (let i = 1; i <= 20; i++) await parlor.room("lobby").publish(i === 7 ? "ä€😀" : { i });
    await parlor.room("lobby").publish("about it", { re: 20 });
    const texts = t.mock.method(log, "readText");
    const reads = [t.mock.method(log, "read"), t.mock.method(log, "readBefore")];
    const get = async (query: string): Promise<RestPage> =>
      (await (await fetch(`${origin}/rooms/${query}`)).json()) as RestPage;
    const page = await get("lobby/messages?after=5&limit=15&related=true");
    assert.deepEqual(
      page.messages.map(({ offset, body }) => [offset, body]),
      Array.from({ length: 15 }, (_, i) => [i + 6, i === 1 ? "ä€😀" : { i: i + 6 }]),
    );
    assert.deepEqual([page.related?.map(({ body }) => body), page.more, page.head], [["about it"], true, 21]);
    assert.deepEqual((await get("nowhere/messages")).messages, []);

    using peer = await RawSocketPeer.open({ port });
    peer.send(HELLO);
    peer.send({ type: "history", id: 1, room: "lobby", before: 21, limit: 15, related: true });
    assert.equal(((await peer.readJson()) as { type: string }).type, "welcome");
    const { messages, related } = (await peer.readJson()) as RestPage;
    assert.deepEqual({ messages, related }, { messages: page.messages, related: page.related });
    assert.equal(texts.mock.callCount(), 3);
    assert.deepEqual(
      reads.map(({ mock }) => mock.callCount()),
      [0, 0],
    );
  });
});
