import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryBus, MemoryLog } from "@parlor/log";
import type { Authenticate, Authorize } from "@parlor/server";
import { helloFrame, StreamReader } from "./support/exchange.ts";
import { startParlor } from "./support/parlor-server.ts";
import { Peer, TextSocket } from "./support/peer.ts";

const byName: Authenticate = ({ token }) => ({ identity: token ?? "nobody" });

describe("a logout", () => {
  test("[HELLO-77] one that is to reach everywhere ends what is subscribed at another process, on every transport (O10)", async (t) => {
    let isIn = true;
    const authorize: Authorize = ({ identity }) => identity !== "ada" || isIn;
    // Two servers of one log, and what they tell each other.
    const both = { log: new MemoryLog(), bus: new MemoryBus(), authenticate: byName, authorize };
    const [here, there] = [await startParlor(t, both), await startParlor(t, both)];
    const headers = { authorization: "Bearer ada" };
    const peers = [];
    for (const { port } of [here, there]) {
      const peer = await Peer.join(t, port, { token: "ada" });
      await peer.subscribe("lobby");
      peers.push(peer);
    }
    const bob = await Peer.join(t, there.port, { token: "bob" });
    await bob.subscribe("lobby");
    const subscribe = { type: "subscribe", room: "lobby" };
    const stream = await StreamReader.open(t, there.origin, [helloFrame({ token: "ada" }), subscribe]);
    await stream.next("welcome");
    await stream.next("subscribed");
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${there.port}/rooms/lobby`, [], { headers });
    const feed = await fetch(`${there.origin}/rooms/lobby/messages`, {
      headers: { ...headers, accept: "text/event-stream" },
    });
    const feedText = feed.text();
    isIn = false;
    here.parlor.recheck({ identity: "ada", everywhere: true });
    for (const peer of peers) assert.equal((await peer.next("unsubscribed")).code, "forbidden");
    assert.equal((await stream.next("unsubscribed")).code, "forbidden");
    assert.equal(((await plain.json())["error"] as { code: string }).code, "forbidden");
    assert.match(await feedText, /event: refused/);
    await there.parlor.room("lobby").publish("for those who are in");
    assert.deepEqual((await bob.next("messages")).messages[0]?.body, "for those who are in");
    for (const peer of peers) assert.deepEqual(await peer.untilPong(), []);
  });
});
