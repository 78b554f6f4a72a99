import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { encodeRawFrame, FakeClock, OPCODES, RawSocketPeer } from "@parlor/testkit";
import { WebSocket } from "ws";
import { startAbused } from "../support/abused-server.ts";
import { EventFeedReader } from "../support/event-feed-reader.ts";
import { exchange, helloFrame, messagesIn, StreamReader } from "../support/exchange.ts";
import { Peer, TextSocket } from "../support/peer.ts";
import { startParlor } from "../support/parlor-server.ts";
import { turns } from "../support/turns.ts";

const HELLO = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };
const COMPRESSED = 4;

async function joined(port: number): Promise<RawSocketPeer> {
  const peer = await RawSocketPeer.open({
    port,
    headers: { "Sec-WebSocket-Extensions": "permessage-deflate" },
  });
  peer.send(HELLO);
  await peer.readJsonWith({ type: "welcome" });
  return peer;
}

describe("frames that claim to be compressed", () => {
  test("[ABUSE-4] are closed 1002 however small, however large inflated, and nothing behind them in their segment is taken (B17, B18, B19)", async (t) => {
    const server = await startAbused(t);
    const bomb = deflateRawSync(Buffer.alloc(50_000_000, "x"));
    const publish = JSON.stringify({ type: "publish", room: "lobby", seq: 1, body: "behind it" });
    for (const payload of [bomb, deflateRawSync(publish), Buffer.from(publish), Buffer.alloc(0)]) {
      for (const isFinal of [true, false]) {
        using peer = await joined(server.port);
        const compressed = encodeRawFrame({ reserved: COMPRESSED, isFinal, payload });
        peer.write(Buffer.concat([compressed, encodeRawFrame({ payload: publish })]));
        assert.equal((await peer.readClose()).code, 1002);
        await peer.closed();
      }
    }
    assert.equal((await server.log.head("lobby")).head, 0);
    await server.assertUnharmed();
  });

  test("[ABUSE-4] beside them plain frames of every length come byte for byte, though one segment holds them all (B19)", async (t) => {
    const server = await startAbused(t);
    using peer = await joined(server.port);
    const reader = await Peer.join(t, server.port);
    await reader.subscribe("lobby");
    const lengths = [0, 1, 2, 20, 50, 60, 124, 125, 126, 127, 1_000, 32_000, 65_400];
    const bodies = lengths.map((length, i) => String.fromCharCode(97 + i).repeat(length));
    peer.write(
      Buffer.concat(
        bodies.map((body, i) =>
          encodeRawFrame({ payload: JSON.stringify({ type: "publish", room: "lobby", seq: i + 1, body }) }),
        ),
      ),
    );
    const heard: unknown[] = [];
    while (heard.length < bodies.length) {
      for (const { body } of (await reader.find("messages")).messages) heard.push(body);
    }
    assert.deepEqual(heard, bodies);
    await server.assertUnharmed();
  });
});

describe("numbers and typed arrays", () => {
  test("[ABUSE-5] a number as a body is its digits on every transport, never so many bytes of memory (B1)", async (t) => {
    const server = await startAbused(t);
    const { port, origin, parlor } = server;
    const numbers = [100, 1_000_000, -1, 0.5];
    const stream = await StreamReader.open(t, origin, [helloFrame(), { type: "subscribe", room: "lobby" }]);
    await stream.next("welcome");
    await stream.next("subscribed");
    const feed = await EventFeedReader.open(`${origin}/rooms/lobby/messages`);
    await feed.next();
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/lobby`);
    const peer = await Peer.join(t, port);
    await peer.subscribe("lobby");
    for (const [i, number] of numbers.entries()) {
      await parlor.room("lobby").publish(number);
      assert.equal((await peer.next("messages")).messages[0]?.body, number);
      assert.equal((await stream.next("messages")).messages[0]?.body, number);
      assert.match((await feed.next()).data ?? "", new RegExp(`"body":${number}\\}$`));
      assert.deepEqual(await plain.json(), { messages: [String(number)] });
      const read = await exchange(origin, "poll?wait=0", helloFrame(), {
        type: "subscribe",
        room: "lobby",
        after: i,
      });
      assert.deepEqual(
        messagesIn(read).map(({ body }) => body),
        [number],
      );
    }
    feed.cut();
    await server.assertUnharmed();
  });

  test("[ABUSE-5] what is no JSON is refused in words, and bytes come back as bytes (B1, B6)", async (t) => {
    const { parlor } = await startParlor(t);
    const room = parlor.room("lobby");
    for (const body of [undefined, () => 1, Symbol("x"), 10n]) {
      await assert.rejects(room.publish(body), { code: "bad-frame" });
    }
    await room.publish(new Uint8Array(2));
    const [message] = (await room.read()).messages;
    assert.deepEqual(message?.body, new Uint8Array(2));
  });

  test("[ABUSE-5] a close is answered with the code and reason that it had and not a byte more, and the library refuses what is no reason (B6)", async (t) => {
    const server = await startAbused(t);
    for (const reason of ["", "bye", "x".repeat(123)]) {
      using peer = await joined(server.port);
      const payload = Buffer.concat([Buffer.from([0x0f, 0xa0]), Buffer.from(reason)]);
      peer.sendFrame({ opcode: OPCODES.close, payload });
      assert.deepEqual(await peer.readClose(), { code: 4000, reason });
      await peer.closed();
      assert.equal(peer.receivedBytes, 0);
    }
    using empty = await joined(server.port);
    empty.sendFrame({ opcode: OPCODES.close });
    assert.equal((await empty.readClose()).code, 1005);
    await empty.closed();
    const peer = await Peer.join(t, server.port);
    const reason = new Float32Array(20) as unknown as Buffer;
    assert.throws(() => peer.socket.webSocket.close(1000, reason), TypeError);
    assert.equal(peer.socket.webSocket.readyState, WebSocket.OPEN);
    await server.assertUnharmed();
  });
});

describe("frames that never end", () => {
  test("[ABUSE-6] half a message and then silence is closed 4002 as every silence, and others go on (B33)", async (t) => {
    const clock = new FakeClock();
    const server = await startAbused(t, { clock, heartbeatMs: 10_000 });
    const half = encodeRawFrame({ payload: JSON.stringify({ type: "ping" }) });
    const peers: RawSocketPeer[] = [];
    for (const bytes of [
      half.subarray(0, 1),
      half.subarray(0, 7),
      encodeRawFrame({ isFinal: false, payload: '{"type":' }),
      encodeRawFrame({ payload: "x", declaredLength: 200_000, lengthBits: 64 }),
    ]) {
      const peer = await joined(server.port);
      t.after(() => peer.destroy());
      peer.write(bytes);
      peers.push(peer);
    }
    for (let second = 0; second < 20; second++) {
      await server.assertUnharmed();
      clock.advance(1_000);
      await turns();
    }
    for (const peer of peers) assert.equal((await peer.readClose()).code, 4002);
    await server.assertUnharmed();
  });
});
