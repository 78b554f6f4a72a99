import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { WebSocketServer } from "ws";
import { Peer, TextSocket } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertRefused, rawAnswer, upgradeHead } from "./support/raw-http.ts";

async function listening(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function attached(t: TestContext, server: Server, basePath = "/"): Parlor {
  const log = new MemoryLog();
  const parlor = new Parlor({ log, basePath });
  parlor.attach(server);
  t.after(async () => {
    await parlor.close();
    await log.close();
  });
  return parlor;
}

describe("attached to a host's server", () => {
  test("[START-50] the host's routes and its own WebSockets go on beside Parlor's", async (t) => {
    const server = createServer((request, response) => response.end(`host: ${request.url}`));
    const echo = new WebSocketServer({ server, path: "/echo" });
    echo.on("connection", (socket) => socket.on("message", (data: Buffer) => socket.send(data.toString())));
    const parlor = attached(t, server);
    const port = await listening(t, server);

    assert.equal(await (await fetch(`http://127.0.0.1:${port}/own/page`)).text(), "host: /own/page");
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
    const own = await TextSocket.open(t, `ws://127.0.0.1:${port}/echo`);
    own.sendText("hello");
    assert.equal(await own.texts.next(), "hello");
    const peer = await Peer.join(t, port);
    await peer.publish("lobby", 1, "x");
    assert.equal((await parlor.room("lobby").read()).head, 1);
    // The host's library answers what neither of the two serves.
    assert.equal((await rawAnswer(port, upgradeHead({ target: "/nowhere" }))).status, 400);
    await own.leave();
    await peer.leave();
    echo.close();
  });

  test("[START-51] without handlers of the host, what is not Parlor's is 404 in words", async (t) => {
    const server = createServer();
    attached(t, server);
    const port = await listening(t, server);
    const answer = await rawAnswer(port, "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertRefused(answer, 404, "unknown-frame");
    assertRefused(await rawAnswer(port, upgradeHead({ target: "/nowhere" })), 404, "unknown-frame");
  });

  test("[START-52] below a base path everything moves, and nothing else is taken", async (t) => {
    const server = createServer((_request, response) => response.end("host"));
    attached(t, server, "/chat");
    const port = await listening(t, server);
    const origin = `http://127.0.0.1:${port}`;
    assert.equal((await fetch(`${origin}/chat/healthz`)).status, 200);
    assert.equal(await (await fetch(`${origin}/healthz`)).text(), "host");
    assert.equal(await (await fetch(`${origin}/chatter/healthz`)).text(), "host");
    assert.equal((await rawAnswer(port, upgradeHead({ target: "/chat/connect" }))).status, 101);
    assertRefused(await rawAnswer(port, upgradeHead({ target: "/connect" })), 404, "unknown-frame");
  });

  test("[START-53] alone, a fallback answers what is not Parlor's", async (t) => {
    const log = new MemoryLog();
    const parlor = new Parlor({ log });
    const { url } = await parlor.listen({ port: 0, fallback: (_request, response) => response.end("page") });
    t.after(() => parlor.close());
    assert.equal(await (await fetch(`${url}r/lobby`)).text(), "page");
    assert.equal((await fetch(`${url}healthz`)).status, 200);
    assert.equal((await fetch(`${url}rooms/..%2f/messages`)).status, 200);
  });

  test("[START-54] a port that is taken is said in words", async (t) => {
    const { port } = await startParlor(t);
    const second = new Parlor({ log: new MemoryLog() });
    await assert.rejects(second.listen({ port }), /Port \d+ on 127\.0\.0\.1 is taken/);
    await second.close();
  });
});

describe("a room for the server's own code", () => {
  test("[ROOM-54] publishes as @server, is durable when it fulfils, and everybody sees it", async (t) => {
    const { parlor, port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    await peer.subscribe("lobby");
    const lobby = parlor.room("lobby");
    const position = await lobby.publish({ text: "hello" });
    const { messages } = await peer.next("messages");
    assert.deepEqual(
      messages.map(({ offset, from, body }) => [offset, from, body]),
      [[position.offset, "@server", { text: "hello" }]],
    );
    await lobby.publish("about it", { re: position.offset });
    assert.equal((await peer.next("messages")).messages[0]?.re, position.offset);
    const page = await lobby.read({ after: 1 });
    assert.deepEqual([page.epoch, page.head, page.more], [position.epoch, 2, false]);
    assert.equal((await lobby.readBefore({ before: 2 })).messages[0]?.offset, 1);
  });

  test("[ROOM-55] an idempotency key names one publish for ever", async (t) => {
    const { parlor, log } = await startParlor(t);
    const lobby = parlor.room("lobby");
    const positions = await Promise.all(
      Array.from({ length: 5 }, () => lobby.publish("once", { idempotencyKey: "order-4711" })),
    );
    assert.equal(new Set(positions.map((position) => position.offset)).size, 1);
    assert.equal((await log.head("lobby")).head, 1);
    await assert.rejects(lobby.publish("x", { idempotencyKey: "short" }), { code: "bad-frame" });
  });

  test("[ROOM-56] what can't be a body or a room is refused with a code, and nothing is stored", async (t) => {
    const { parlor, log } = await startParlor(t, { maxBodyBytes: 1_000 });
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    let deep: unknown = 1;
    for (let i = 0; i < 150; i++) deep = [deep];
    for (const body of [undefined, () => 1, Symbol("x"), 10n, cycle, deep]) {
      await assert.rejects(parlor.room("lobby").publish(body), { code: "bad-frame" });
    }
    await assert.rejects(parlor.room("lobby").publish("x".repeat(999)), { code: "too-large" });
    for (const name of ["", "..", "e\u0301", "a\nb"]) {
      assert.throws(() => parlor.room(name), { code: "bad-room" });
    }
    assert.deepEqual(await log.rooms("", 5), []);
  });

  test("[ROOM-57] follows from where it wants, each message once, until it closes", async (t) => {
    const { parlor } = await startParlor(t);
    const lobby = parlor.room("lobby");
    for (let i = 1; i <= 5; i++) await lobby.publish(i);
    const seen: unknown[] = [];
    let wake = (): void => {};
    const reached = (count: number): Promise<void> =>
      new Promise((resolve) => {
        wake = () => {
          if (seen.length >= count) resolve();
        };
        wake();
      });
    const following = await lobby.subscribe(
      (messages) => {
        seen.push(...messages.map((message) => message.body));
        wake();
      },
      { after: 2 },
    );
    await reached(3);
    await lobby.publish(6);
    await reached(4);
    assert.deepEqual(seen, [3, 4, 5, 6]);
    following.close();
    await lobby.publish(7);
    assert.deepEqual(seen, [3, 4, 5, 6]);
  });

  test("[ROOM-58] deletes it: who is subscribed is told, the next history is another one", async (t) => {
    const { parlor, port } = await startParlor(t);
    const lobby = parlor.room("lobby");
    const { epoch } = await lobby.publish("old");
    await lobby.publish("old too");
    const peer = await Peer.join(t, port);
    const other = await Peer.join(t, port);
    await peer.subscribe("lobby", { last: 5 });
    await peer.next("messages");
    const server = await lobby.subscribe(() => {});
    assert.equal(await lobby.delete(), true);
    const unsubscribed = await peer.next("unsubscribed");
    assert.equal(unsubscribed.room, "lobby");
    assert.match(unsubscribed.message ?? "", /deleted/);
    const empty = await other.subscribe("lobby", { last: 5 });
    assert.deepEqual([empty.after, empty.head, empty.earliest], [0, 0, 1]);
    const begun = await lobby.publish("new");
    assert.notEqual(begun.epoch, epoch);
    assert.equal(begun.offset, 1);
    const { messages, after } = await other.next("messages");
    assert.deepEqual([after, messages[0]?.body], [0, "new"]);
    const again = await peer.subscribe("lobby", { epoch, after: 2 });
    assert.deepEqual([again.epoch, again.after, again.lost], [begun.epoch, 0, { epoch: true }]);
    assert.equal((await peer.next("messages")).messages[0]?.body, "new");
    server.close();
  });
});
