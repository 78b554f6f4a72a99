import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { msgpack } from "@parlor/msgpack";
import { SUBPROTOCOL } from "@parlor/protocol";
import { BinaryPeer, packed } from "./support/binary-peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { Peer, TextSocket } from "./support/peer.ts";

const BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);
const FORM = { $bytes: Buffer.from(BYTES).toString("base64url") };

describe("the binary subprotocol", () => {
  test("[BINARY-2] the first of those that are offered is spoken, at both addresses; JSON with who offers that alone", async (t) => {
    const { port } = await startParlor(t);
    for (const path of ["/connect", "/rooms/lobby"]) {
      const url = `ws://127.0.0.1:${port}${path}`;
      for (const [offered, chosen] of [
        [[msgpack.subprotocol, SUBPROTOCOL], msgpack.subprotocol],
        [[SUBPROTOCOL, msgpack.subprotocol], SUBPROTOCOL],
        [["parlor.v1.cbor", SUBPROTOCOL], SUBPROTOCOL],
        [["other", msgpack.subprotocol], msgpack.subprotocol],
      ] as const) {
        const socket = await TextSocket.open(t, url, [...offered]);
        assert.equal(socket.webSocket.protocol, chosen);
      }
    }
  });

  test("[BINARY-3] [BYTES-6] a binary and a text connection hear the same messages, each in its form; a plain room, REST and the event feed the JSON form", async (t) => {
    const { port, origin, parlor } = await startParlor(t);
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/lobby`);
    const binary = await BinaryPeer.join(t, port);
    const other = await BinaryPeer.join(t, port);
    const text = await Peer.join(t, port);
    for (const peer of [binary, other]) {
      peer.send({ type: "subscribe", room: "lobby" });
      await peer.next("subscribed");
    }
    text.send({ type: "subscribe", room: "lobby" });
    await text.next("subscribed");
    const feed = await fetch(`${origin}/rooms/lobby/messages?after=0`, {
      headers: { accept: "text/event-stream" },
    });
    t.after(() => feed.body?.cancel());

    const body = { name: "a", data: FORM };
    binary.send({ type: "publish", room: "lobby", seq: 1, body });
    const expected = { name: "a", data: BYTES };
    for (const peer of [binary, other]) {
      const frame = await peer.frames.next();
      // The publisher's ack may come before its message, or behind it.
      const arrived = frame.type === "ack" ? await peer.frames.next() : frame;
      assert.ok(arrived.type === "messages");
      assert.deepEqual(arrived.messages[0]?.body, expected);
    }
    assert.equal((await text.next("messages")).messages.length, 1);
    assert.deepEqual(await plain.json(), { messages: [JSON.stringify(body)] });
    const page = (await (await fetch(`${origin}/rooms/lobby/messages`)).json()) as {
      messages: { body: unknown }[];
    };
    assert.deepEqual(page.messages[0]?.body, body);
    let events = "";
    const decoder = new TextDecoder();
    assert.ok(feed.body !== null);
    for await (const chunk of feed.body) {
      events += decoder.decode(chunk as Uint8Array);
      if (events.includes(JSON.stringify(body))) break;
    }
    assert.deepEqual((await parlor.room("lobby").read()).messages[0]?.body, expected);
  });

  test("[BINARY-3] a text on a binary connection is answered bad-frame in its own form, and the connection lives on", async (t) => {
    const { port } = await startParlor(t);
    const peer = await BinaryPeer.join(t, port);
    peer.webSocket.send('{"type":"ping"}');
    const error = await peer.next("error");
    assert.equal(error.code, "bad-frame");
    assert.match(error.message, /binary message; this one was text/);
    peer.send({ type: "ping" });
    await peer.next("pong");
  });

  test("[BINARY-5] what is no frame is refused in words, one answer each, and the connection lives on (O17)", async (t) => {
    const { port } = await startParlor(t);
    const peer = await BinaryPeer.join(t, port);
    const publish = { type: "publish", room: "lobby", seq: 1 };
    const nested = Array.from({ length: 110 }).reduce<unknown>((inner) => [inner], 1);
    const cases: readonly (readonly [Uint8Array | readonly number[], RegExp])[] = [
      [[], /cut short/],
      [[0xdd, 255, 255, 255, 255, 1], /cut short/],
      [Array.from({ length: 200_000 }, () => 0x91), /deeper/],
      [[0xc1], /not valid MessagePack/],
      [[0xd6, 0xff, 0, 0, 0, 0], /extension/],
      [[0x82, 0xa1, 97, 1, 0xa1, 97, 2], /twice/],
      [[0x81, 1, 1], /no text/],
      [[0x91, 1], /no object/],
    ];
    for (const [bytes, words] of cases) {
      peer.sendBytes(bytes);
      const error = await peer.next("error");
      assert.equal(error.code, "bad-frame");
      assert.match(error.message, words);
      assert.match(error.message, /^The frame is .*\.$/);
    }
    for (const [body, words] of [
      [NaN, /IEEE doubles at body/],
      [{ a: [Infinity] }, /IEEE doubles at body\.a\[0\]/],
      [nested, /nesting deeper than 100/],
    ] as const) {
      peer.sendBytes(packed({ ...publish, body }));
      const refused = await peer.next("refused");
      assert.equal(refused.code, "bad-frame");
      assert.match(refused.message, words);
    }
    peer.sendBytes(packed({ ...publish, body: 2n ** 60n }));
    await peer.next("ack");
  });

  test("[BYTES-5] bytes count against maxBodyBytes as the JSON text that the log has, in either form", async (t) => {
    const { port } = await startParlor(t, { maxBodyBytes: 1_024 });
    const binary = await BinaryPeer.join(t, port);
    const text = await Peer.join(t, port);
    // {"$bytes":"…"} has 13 characters around 4 for each 3 bytes.
    const most = Math.floor(((1_024 - 13) * 3) / 4);
    const bodyOf = (length: number): unknown => ({ $bytes: Buffer.alloc(length).toString("base64url") });
    binary.send({ type: "publish", room: "lobby", seq: 1, body: bodyOf(most) });
    await binary.next("ack");
    binary.send({ type: "publish", room: "lobby", seq: 2, body: bodyOf(most + 1) });
    assert.equal((await binary.next("refused")).code, "too-large");
    text.send({ type: "publish", room: "lobby", seq: 1, body: bodyOf(most) });
    await text.next("ack");
    text.send({ type: "publish", room: "lobby", seq: 2, body: bodyOf(most + 1) });
    assert.equal((await text.next("refused")).code, "too-large");
  });

  test("[BYTES-7] bytes that stand in no body are bad-frame", async (t) => {
    const { port } = await startParlor(t);
    const peer = await BinaryPeer.join(t, port);
    for (const frame of [
      { type: "subscribe", room: BYTES },
      { type: BYTES },
      { type: "publish", room: "lobby", seq: BYTES, body: 1 },
      { type: "set", room: "lobby", key: BYTES, value: 1 },
    ]) {
      peer.sendBytes(packed(frame));
      const answer = await peer.frames.next();
      assert.match((answer as { code: string }).code, /^bad-(frame|room)$/);
    }
    const socket = await TextSocket.open(t, `ws://127.0.0.1:${port}/connect`, [msgpack.subprotocol]);
    const told = new Promise<Buffer>((resolve) =>
      socket.webSocket.once("message", (data: Buffer) => resolve(data)),
    );
    const hello = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };
    socket.webSocket.send(packed({ ...hello, profile: { face: BYTES } }));
    const decoded = msgpack.decode(await told);
    assert.ok(decoded.ok);
    assert.equal(decoded.value["code"], "bad-frame");
  });

  test("[BINARY-9] frames that wait behind a slow hello, and the server's farewell, are in its form", async (t) => {
    const { promise, resolve } = Promise.withResolvers<{ identity: string }>();
    const asked = Promise.withResolvers<void>();
    const { port, parlor } = await startParlor(t, {
      authenticate: () => {
        asked.resolve();
        return promise;
      },
    });
    const joined = await BinaryPeer.open(t, port);
    joined.hello();
    joined.send({ type: "subscribe", room: "other" });
    joined.send({ type: "publish", room: "lobby", seq: 1, body: FORM });
    joined.send({ type: "ping" });
    await asked.promise;
    resolve({ identity: "ada" });
    await joined.next("welcome");
    const frames = [await joined.frames.next(), await joined.frames.next(), await joined.frames.next()];
    assert.deepEqual(new Set(frames.map(({ type }) => type)), new Set(["subscribed", "ack", "pong"]));
    void parlor.drain();
    assert.equal((await joined.next("bye")).code, "draining");
  });
});
