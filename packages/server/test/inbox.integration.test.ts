import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog } from "@parlor/log";
import type { Authenticate } from "@parlor/server";
import { EventFeedReader } from "./support/event-feed-reader.ts";
import { exchange, helloFrame, messagesIn, named } from "./support/exchange.ts";
import { freshKey, Peer, TextSocket } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertAnswers, post, type RestPage } from "./support/rest.ts";
import { openDownward, ROADS } from "./support/roads.ts";

const TIMEOUT = { timeout: 30_000 };

/** Whoever says who they are is believed. */
const byToken: Authenticate = ({ token }) => ({ identity: token ?? "a stranger" });

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

for (const road of ROADS) {
  describe(`the private room of an identity over ${road}`, TIMEOUT, () => {
    test("[INBOX-1] what the server pushes reaches each connection of that identity, and what was pushed while it was away when it comes back", async (t) => {
      const server = await startParlor(t);
      const key = freshKey();
      const { identity } = await Peer.join(t, server.port, { key });
      const room = `@${identity}`;
      const inbox = server.parlor.identity(identity);
      await inbox.push("before anybody came");
      let after = 0;
      const subscribe = (): object => ({ type: "subscribe", room, after });
      const open = () => openDownward(t, server, road, { key }, subscribe);
      const next = async (down: Awaited<ReturnType<typeof open>>): Promise<unknown> => {
        for (;;) {
          const frame = await down.next();
          if (frame.type !== "messages") continue;
          assert.ok(frame.messages.every(({ from }) => from === "@server"));
          return frame.messages.map(({ body }) => body);
        }
      };
      const [phone, laptop] = [await open(), await open()];
      assert.deepEqual(await next(phone), ["before anybody came"]);
      assert.deepEqual(await next(laptop), ["before anybody came"]);
      // A poll goes on behind what it has.
      after = 1;
      const { offset } = await inbox.push({ invited: "book-club" });
      assert.deepEqual(await next(phone), [{ invited: "book-club" }]);
      assert.deepEqual(await next(laptop), [{ invited: "book-club" }]);
      phone.cut();
      laptop.cut();
      after = offset;
      await inbox.push("while it was away");
      assert.deepEqual(await next(await open()), ["while it was away"]);
    });

    test("[INBOX-2] anybody else is refused in words", async (t) => {
      const server = await startParlor(t);
      const { identity } = await Peer.join(t, server.port);
      await server.parlor.identity(identity).push("for one alone");
      const subscribe = { type: "subscribe", room: `@${identity}`, last: 50 };
      const other = await openDownward(t, server, road, { key: freshKey() }, () => subscribe);
      const error = await other.next();
      assert.ok(error.type === "error" && error.to === "subscribe");
      assert.equal(error.code, "forbidden");
      assert.match(error.message, /that identity alone/);
    });
  });
}

describe("the private room of an identity", TIMEOUT, () => {
  test("[INBOX-2] its history, its event feed and its plain room are for that identity alone, too", async (t) => {
    const { parlor, origin, port } = await startParlor(t, { authenticate: byToken });
    await parlor.identity("ada").push({ text: "for Ada" });
    const url = `${origin}/rooms/@ada/messages`;
    const page = (await (await fetch(url, { headers: bearer("ada") })).json()) as RestPage;
    assert.deepEqual(
      page.messages.map(({ body, from }) => [body, from]),
      [[{ text: "for Ada" }, "@server"]],
    );
    const feed = await EventFeedReader.open(url, bearer("ada"));
    t.after(() => feed.cut());
    await feed.next();
    assert.match((await feed.next()).data ?? "", /for Ada/);
    const path = `ws://127.0.0.1:${port}/rooms/@ada`;
    const plain = await TextSocket.open(t, path, [], { headers: bearer("ada") });
    assert.deepEqual(await plain.json(), { messages: ["for Ada"] });
    await parlor.identity("ada").push("and more");
    assert.match((await feed.next()).data ?? "", /and more/);
    assert.deepEqual(await plain.json(), { messages: ["and more"] });

    for (const headers of [{}, bearer("bob")]) {
      await assertAnswers(await fetch(url, { headers }), 403, "forbidden");
      const accept = "text/event-stream";
      await assertAnswers(await fetch(url, { headers: { ...headers, accept } }), 403, "forbidden");
      const other = await TextSocket.open(t, path, [], { headers });
      const { error, messages } = await other.json();
      assert.equal((error as { code: string }).code, "forbidden");
      assert.deepEqual(messages, []);
    }
    const asked = { type: "history", id: 3, room: "@ada" };
    const hello = (token: string): object => helloFrame({ token });
    assert.deepEqual((await exchange(origin, "send", hello("bob"), asked)).map(named), [
      "error @ada 3 forbidden",
    ]);
    const [history] = await exchange(origin, "send", hello("ada"), asked);
    assert.equal(history?.type === "history" && history.messages.length, 2);
  });

  test("[INBOX-3] no peer writes there, its owner neither, nor into any other room that begins with @, and nothing is stored", async (t) => {
    const { log, origin, port } = await startParlor(t, { authenticate: byToken });
    const rooms = ["@ada", "@bob", "@server", "@"];
    const peer = await Peer.join(t, port, { token: "ada" });
    for (const room of rooms) {
      peer.send({ type: "publish", room, seq: 1, body: "x" });
      assert.equal((await peer.next("refused")).code, "forbidden", room);
      peer.send({ type: "set", room, key: "k", value: 1, id: 1 });
      assert.equal((await peer.next("error")).code, "forbidden", room);
      peer.send({ type: "signal", room, body: 1 });
      assert.equal((await peer.next("error")).code, "forbidden", room);
      const frames = [
        { type: "publish", room, seq: 1, body: "x" },
        { type: "set", room, key: "k", value: 1, id: 1 },
      ];
      assert.deepEqual((await exchange(origin, "send", helloFrame({ token: "ada" }), ...frames)).map(named), [
        `refused ${room} 1 forbidden`,
        `error ${room} 1 forbidden`,
      ]);
      const url = `${origin}/rooms/${room}/messages`;
      await assertAnswers(await post(url, '"x"', bearer("ada")), 403, "forbidden");
      const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/${room}?last=0`, [], {
        headers: bearer("ada"),
      });
      plain.sendText("x");
      assert.equal(((await plain.json())["error"] as { code: string }).code, "forbidden", room);
    }
    for (const room of rooms) assert.equal((await log.head(room)).head, 0, room);
  });

  test("[INBOX-4] authorize is asked as for any room, and a right that is withdrawn ends the subscription", async (t) => {
    const asked: string[] = [];
    let mayRead = true;
    const { parlor, origin, port } = await startParlor(t, {
      authenticate: byToken,
      authorize: ({ identity, action, room }) => {
        asked.push(`${identity} ${action} ${room}`);
        return mayRead || { code: "forbidden", message: "Your mailbox is closed." };
      },
    });
    const peer = await Peer.join(t, port, { token: "ada" });
    await peer.subscribe("@ada");
    await fetch(`${origin}/rooms/@ada/messages`, { headers: bearer("ada") });
    assert.deepEqual(asked, ["ada subscribe @ada", "ada history @ada"]);
    mayRead = false;
    parlor.recheck({ identity: "ada" });
    const ended = await peer.next("unsubscribed");
    assert.deepEqual([ended.room, ended.message], ["@ada", "Your mailbox is closed."]);
    peer.send({ type: "subscribe", room: "@ada" });
    assert.equal((await peer.next("error")).message, "Your mailbox is closed.");
  });

  test("[INBOX-5] it is a room of the server's: one push for each idempotency key, its history for the server's code, and kept as long as any room", async (t) => {
    const log = new MemoryLog({ retention: { messages: 2 } });
    const { parlor, origin } = await startParlor(t, { log, authenticate: byToken });
    const ada = parlor.identity("ada");
    const first = await ada.push("once", { idempotencyKey: "invitation-17" });
    assert.deepEqual(await ada.push("once", { idempotencyKey: "invitation-17" }), first);
    for (const body of ["two", "three"]) await ada.push(body);
    const { messages, earliest } = await ada.inbox.read();
    assert.deepEqual([messages.map(({ body }) => body), earliest], [["two", "three"], 2]);
    const [, frame] = await exchange(origin, "poll?wait=0", helloFrame({ token: "ada" }), {
      type: "subscribe",
      room: "@ada",
      after: 0,
    });
    assert.deepEqual(messagesIn([frame ?? { type: "pong" }]).length, 2);
  });

  test("[INBOX-6] nobody can be pushed to who can't be anybody, or after whom no room can be named", async (t) => {
    const { parlor } = await startParlor(t);
    assert.equal(parlor.identity("x".repeat(127)).inbox.name.length, 128);
    for (const identity of ["", "@server", "a\nb", "x".repeat(128), "e\u0301"]) {
      assert.throws(() => parlor.identity(identity), { code: "bad-room" }, JSON.stringify(identity));
    }
  });
});
