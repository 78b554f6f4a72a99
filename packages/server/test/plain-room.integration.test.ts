import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { encodeRawFrame, OPCODES, RawSocketPeer } from "@parlor/testkit";
import { HeldLog } from "./support/held-log.ts";
import { Peer, TextSocket } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertRefused, rawAnswer, upgradeHead } from "./support/raw-http.ts";

const JSON_BODY = { headers: { "content-type": "application/json" }, body: '"before"' };

function plain(t: TestContext, port: number, target = "/rooms/lobby"): Promise<TextSocket> {
  return TextSocket.open(t, `ws://127.0.0.1:${port}${target}`);
}

describe("the plain room", () => {
  test("[PLAIN-50] sends the newest 50 when it opens, then each batch, and nothing where there is nothing", async (t) => {
    const { port, parlor } = await startParlor(t);
    const empty = await plain(t, port);
    for (let i = 1; i <= 60; i++) await parlor.room("lobby").publish(`message ${i}`);
    assert.deepEqual(await empty.json(), { messages: ["message 1"] });
    const late = await plain(t, port);
    const { messages, ...rest } = await late.json();
    assert.deepEqual(rest, {});
    assert.deepEqual(
      messages,
      Array.from({ length: 50 }, (_, i) => `message ${i + 11}`),
    );
    await parlor.room("lobby").publish("live");
    assert.deepEqual(await late.json(), { messages: ["live"] });
  });

  test("[PLAIN-51] each text is one message, stored before anybody sees it, its sender too", async (t) => {
    const { port, parlor } = await startParlor(t);
    const [ada, bob] = [await plain(t, port), await plain(t, port)];
    const full = await Peer.join(t, port);
    await full.subscribe("lobby");
    for (const text of ["hello", "", '{"text":"not taken apart"}', "\u0000\u2028🙂", "a\nb"]) {
      ada.sendText(text);
      for (const each of [ada, bob]) assert.deepEqual(await each.json(), { messages: [text] });
      assert.equal((await full.next("messages")).messages[0]?.body, text);
    }
    const { messages } = await parlor.room("lobby").read();
    assert.equal(messages.length, 5);
    assert.equal(new Set(messages.map((message) => message.from)).size, 1);
    bob.sendText("mine");
    await bob.json();
    const newest = (await parlor.room("lobby").readBefore({ limit: 1 })).messages[0];
    assert.notEqual(newest?.from, messages[0]?.from, "each connection is somebody else");
  });

  test("[PLAIN-51] who speaks before the subscription stands sees it all the same", async (t) => {
    const mayRead = Promise.withResolvers<boolean>();
    const { port } = await startParlor(t, {
      authorize: ({ action }) => (action === "subscribe" ? mayRead.promise : true),
    });
    const socket = await plain(t, port, "/rooms/lobby?last=0");
    socket.sendText("mine");
    socket.sendText("mine, too");
    // Long enough for both to be stored, were they not held.
    const address = `http://127.0.0.1:${port}/rooms/lobby/messages`;
    for (let i = 0; i < 10; i++)
      assert.equal((await fetch(address, { method: "POST", ...JSON_BODY })).ok, true);
    mayRead.resolve(true);
    const seen: unknown[] = [];
    while (seen.length < 2) seen.push(...((await socket.json())["messages"] as unknown[]));
    assert.deepEqual(seen, ["mine", "mine, too"]);
  });

  test("[PLAIN-52] shows strings as they are, text with its name, other bodies as JSON, and neither erased nor related ones", async (t) => {
    const { port, parlor } = await startParlor(t);
    const room = parlor.room("lobby");
    const shown: [unknown, string][] = [
      ["hello", "hello"],
      [{ text: "hi", name: "Ada" }, "Ada: hi"],
      [{ text: "hi" }, "hi"],
      [{ text: "hi", name: "" }, "hi"],
      [{ text: "hi", name: 7 }, "hi"],
      [{ text: 7, name: "Ada" }, '{"text":7,"name":"Ada"}'],
      [{ name: "Ada" }, '{"name":"Ada"}'],
      [["a", 1, null], '["a",1,null]'],
      [17, "17"],
      [null, "null"],
      [true, "true"],
      [{ text: "", name: "Ada" }, "Ada: "],
    ];
    for (const [body] of shown) await room.publish(body);
    const { offset } = await room.publish("regretted");
    await room.redact(offset);
    await room.publish("a reaction", { re: 1 });
    await room.publish("last");
    const expected = [...shown.map(([, text]) => text), "last"];
    const socket = await plain(t, port);
    assert.deepEqual(await socket.json(), { messages: expected });
    await room.publish("another reaction", { re: 2 });
    await room.publish("after it");
    assert.deepEqual(await socket.json(), { messages: ["after it"] });
  });

  test("[PLAIN-53] ?after and ?last begin elsewhere, and a lost stretch is told", async (t) => {
    const { port, parlor } = await startParlor(t);
    const room = parlor.room("lobby");
    for (let i = 1; i <= 9; i++) await room.publish(`${i}`);
    await room.trim(4);
    const first = async (query: string): Promise<unknown> =>
      (await plain(t, port, `/rooms/lobby?${query}`)).json();
    assert.deepEqual(await first("after=7"), { messages: ["8", "9"] });
    assert.deepEqual(await first("last=1"), { messages: ["9"] });
    assert.deepEqual(await first("last=500"), { messages: ["4", "5", "6", "7", "8", "9"] });
    for (const [query, lost] of [
      ["after=1", { from: 2, to: 3 }],
      ["after=99", { epoch: true }],
    ] as const) {
      const socket = await plain(t, port, `/rooms/lobby?${query}`);
      assert.deepEqual(await socket.json(), { lost, messages: [] });
      assert.deepEqual(await socket.json(), { messages: ["4", "5", "6", "7", "8", "9"] });
    }
    const silent = await plain(t, port, "/rooms/lobby?last=0");
    await room.publish("10");
    assert.deepEqual(await silent.json(), { messages: ["10"] });
    for (const query of [
      "after=-1",
      "after=x",
      "after=",
      "last=501",
      "last=-1",
      "last=1&after=1",
      "after=%D9%A3",
    ]) {
      const target = `/rooms/lobby?${query}`;
      const headers = { "Sec-WebSocket-Protocol": null };
      assertRefused(await rawAnswer(port, upgradeHead({ target, headers })), 400, "bad-frame", query);
    }
  });

  test("[PLAIN-54] what is refused comes back in words with no messages, and the connection stays", async (t) => {
    const log = new HeldLog();
    const { port } = await startParlor(t, { log, maxBodyBytes: 100, publishPerSecond: 1 });
    const socket = await plain(t, port);
    const refused = async (code: string): Promise<void> => {
      const { error, messages, ...rest } = await socket.json();
      assert.deepEqual([messages, rest], [[], {}]);
      assert.equal((error as { code: string }).code, code);
      assert.match((error as { message: string }).message, /\w \w/);
    };
    socket.sendText("x".repeat(99));
    await refused("too-large");
    socket.webSocket.send(Buffer.from("binary"));
    await refused("bad-frame");
    log.fill();
    socket.sendText("x");
    await refused("unavailable");
    log.empty();
    for (let i = 1; i <= 5; i++) {
      socket.sendText(`${i}`);
      assert.deepEqual(await socket.json(), { messages: [`${i}`] });
    }
    socket.sendText("6");
    await refused("rate-limited");
    assert.equal((await log.head("lobby")).head, 5);
    const reserved = await plain(t, port, "/rooms/@somebody");
    assert.equal(((await reserved.json())["error"] as { code: string }).code, "forbidden");
    reserved.sendText("x");
    assert.equal(((await reserved.json())["error"] as { code: string }).code, "forbidden");
  });

  test("[PLAIN-55] invalid UTF-8 is closed 1007, what is over the frame's limit 1009, and WebSocket pings are answered", async (t) => {
    const { port } = await startParlor(t, { maxBodyBytes: 100, maxFrameBytes: 3_000 });
    for (const [frame, code] of [
      [{ payload: Buffer.from([0xff]) }, 1007],
      [{ payload: "x".repeat(3_001) }, 1009],
    ] as const) {
      using peer = await RawSocketPeer.open({ port, path: "/rooms/lobby" });
      peer.write(encodeRawFrame(frame));
      assert.equal((await peer.readClose()).code, code);
    }
    using peer = await RawSocketPeer.open({ port, path: "/rooms/lobby" });
    peer.sendFrame({ opcode: OPCODES.ping, payload: "here?" });
    const { opcode, payload } = await peer.readFrame();
    assert.deepEqual([opcode, payload.toString()], [OPCODES.pong, "here?"]);
  });

  test("[PLAIN-56] leaves no producer behind, and its publishes pass the same rates", async (t) => {
    const log = new HeldLog();
    const { port } = await startParlor(t, { log });
    for (let i = 0; i < 3; i++) {
      const socket = await plain(t, port, "/rooms/lobby?last=0");
      socket.sendText("x");
      await socket.json();
      await socket.leave();
    }
    assert.equal(log.asked.length, 3);
    assert.ok(log.asked.every((append) => !append.remember));
  });

  test("[PLAIN-57] at a drain it is closed 1001 without a word that it does not know", async (t) => {
    const { port, parlor } = await startParlor(t);
    const socket = await plain(t, port);
    void parlor.drain();
    assert.equal((await socket.close()).code, 1001);
    assert.deepEqual(socket.texts.untaken, []);
  });
});
