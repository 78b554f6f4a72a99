import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { encodeRawFrame, OPCODES, RawSocketPeer, type RawFrameOptions } from "@parlor/testkit";
import { childParlor } from "./support/child-parlor.ts";
import { Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";

const HELLO = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };
const PING = JSON.stringify({ type: "ping" });

async function joined(port: number): Promise<RawSocketPeer> {
  const peer = await RawSocketPeer.open({ port });
  peer.send(HELLO);
  assert.equal(((await peer.readJson()) as { type: string }).type, "welcome");
  return peer;
}

/** That frames sent as bytes are closed with that code, and that the server lives on. */
async function assertClosed(
  port: number,
  code: number,
  what: string,
  ...frames: RawFrameOptions[]
): Promise<void> {
  using peer = await joined(port);
  peer.write(Buffer.concat(frames.map(encodeRawFrame)));
  const close = await peer.readClose();
  assert.equal(close.code, code, what);
  assert.notEqual(close.reason, "", `${what}: in words`);
  await peer.closed();
}

describe("frames as bytes", () => {
  test("[FRAME-53] [REFUSE-59] what RFC 6455 forbids is closed 1002: reserved bits and opcodes, no mask, long or cut control frames (B10)", async (t) => {
    const { port } = await startParlor(t);
    for (const reserved of [1, 2, 3, 4, 5, 6, 7]) {
      await assertClosed(port, 1002, `RSV ${reserved}`, { reserved, payload: PING });
    }
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
      await assertClosed(port, 1002, `opcode ${opcode}`, { opcode, payload: PING });
    }
    await assertClosed(port, 1002, "unmasked", { mask: false, payload: PING });
    await assertClosed(port, 1002, "unmasked and empty", { mask: false });
    await assertClosed(port, 1002, "long ping", { opcode: OPCODES.ping, payload: "x".repeat(126) });
    await assertClosed(port, 1002, "cut ping", { opcode: OPCODES.ping, isFinal: false });
    await assertClosed(port, 1002, "continuation of nothing", { opcode: OPCODES.continuation, payload: "x" });
    const half = { isFinal: false, payload: '{"type":' };
    await assertClosed(port, 1002, "a text within a text", half, { payload: PING });
    await assertClosed(port, 1002, "one byte of a close code", { opcode: OPCODES.close, payload: "x" });
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]) {
      const payload = Buffer.alloc(2);
      payload.writeUInt16BE(code);
      await assertClosed(port, 1002, `close ${code}`, { opcode: OPCODES.close, payload });
    }
    const peer = await Peer.join(t, port);
    assert.deepEqual(await peer.untilPong(), []);
  });

  test("[FRAME-54] [REFUSE-59] text that is not UTF-8 is closed 1007, across fragments and in a close's reason too", async (t) => {
    const { port } = await startParlor(t);
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
      await assertClosed(port, 1007, bytes.join(), { payload: Buffer.from(bytes) });
    }
    const cut = { opcode: OPCODES.continuation, payload: Buffer.from([0x28]) };
    await assertClosed(port, 1007, "fragments", { isFinal: false, payload: Buffer.from([0xe2, 0x82]) }, cut);
    const reason = { opcode: OPCODES.close, payload: Buffer.from([0x03, 0xe8, 0xff]) };
    await assertClosed(port, 1007, "reason", reason);
  });

  test("[FRAME-55] [REFUSE-59] one byte over maxFrameBytes is closed 1009, whole, in fragments, or only announced (O15)", async (t) => {
    const { port } = await startParlor(t, { maxBodyBytes: 1_000, maxFrameBytes: 10_000 });
    using exact = await joined(port);
    exact.send(PING.padEnd(10_000));
    assert.deepEqual(await exact.readJson(), { type: "pong" });
    await assertClosed(port, 1009, "whole", { payload: PING.padEnd(10_001) });
    const continuation = { opcode: OPCODES.continuation, payload: "x".repeat(5_001), isFinal: false };
    await assertClosed(
      port,
      1009,
      "in fragments",
      { payload: "x".repeat(5_000), isFinal: false },
      continuation,
    );
    for (const declaredLength of [2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      await assertClosed(port, 1009, `${declaredLength}`, { declaredLength, lengthBits: 64 });
    }
  });

  test("[FRAME-56] a text in a few fragments, with pings between them, is one frame; pongs carry the ping's payload", async (t) => {
    const { port } = await startParlor(t);
    using peer = await joined(port);
    const bytes = Buffer.from(JSON.stringify({ type: "publish", room: "lobby", seq: 1, body: "é€🙂" }));
    for (let i = 0; i < bytes.length; i += 7) {
      peer.sendFrame({
        opcode: i === 0 ? OPCODES.text : OPCODES.continuation,
        isFinal: i + 7 >= bytes.length,
        payload: bytes.subarray(i, i + 7),
      });
      peer.sendFrame({ opcode: OPCODES.ping, payload: `ping ${i}` });
    }
    const pings = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => `ping ${i * 7}`);
    const pongs: string[] = [];
    let ack: unknown = null;
    while (ack === null || pongs.at(-1) !== pings.at(-1)) {
      const frame = await peer.readFrame();
      if (frame.opcode === OPCODES.pong) pongs.push(frame.payload.toString());
      else ack = JSON.parse(frame.payload.toString());
    }
    assert.deepEqual(ack, { type: "ack", room: "lobby", seq: 1, offset: 1 });
    // Some may share a pong; that of the newest is the one that comes.
    assert.deepEqual(
      pongs,
      pings.filter((ping) => pongs.includes(ping)),
    );
  });

  test("[FRAME-57] the wire may cut frames anywhere", async (t) => {
    const { port } = await startParlor(t);
    using peer = await joined(port);
    const bytes = Buffer.concat(
      [1, 2, 3].map((seq) =>
        encodeRawFrame({ payload: JSON.stringify({ type: "publish", room: "lobby", seq, body: "é" }) }),
      ),
    );
    for (const byte of bytes) {
      peer.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const seq of [1, 2, 3]) assert.equal(((await peer.readJson()) as { seq: number }).seq, seq);
  });

  test("[FRAME-58] a binary frame is answered in words and the connection lives on (O17)", async (t) => {
    const { port } = await startParlor(t);
    using peer = await joined(port);
    peer.sendFrame({ opcode: OPCODES.binary, payload: PING });
    const error = (await peer.readJson()) as { type: string; code: string; message: string };
    assert.deepEqual([error.type, error.code], ["error", "bad-frame"]);
    assert.match(error.message, /binary/);
    peer.send(PING);
    assert.deepEqual(await peer.readJson(), { type: "pong" });
  });

  test("[FRAME-59] a close is answered with its code, and what comes after it is not taken", async (t) => {
    const { port, log } = await startParlor(t);
    using peer = await joined(port);
    const payload = Buffer.concat([Buffer.from([0x0f, 0xa0]), Buffer.from("bye")]);
    const late = { payload: JSON.stringify({ type: "publish", room: "lobby", seq: 1, body: 1 }) };
    peer.write(Buffer.concat([encodeRawFrame({ opcode: OPCODES.close, payload }), encodeRawFrame(late)]));
    assert.equal((await peer.readClose()).code, 4000);
    await peer.closed();
    assert.equal((await log.head("lobby")).head, 0);
  });
});

describe("peers that make work", () => {
  test("[GROW-55] fragments without end, of one byte or of none, are closed and hold nothing (B7)", async (t) => {
    const { port } = await startParlor(t);
    const start = encodeRawFrame({ isFinal: false, payload: "x" });
    const flood = (payload: string): Buffer =>
      Buffer.concat(
        Array.from({ length: 20_000 }, () =>
          encodeRawFrame({ opcode: OPCODES.continuation, isFinal: false, payload }),
        ),
      );
    const floods = [flood(""), flood("x")];
    const heldBefore = process.memoryUsage().rss;
    for (let i = 0; i < 20; i++) {
      using peer = await joined(port);
      peer.write(start);
      peer.write(floods[i % 2] as Buffer);
      assert.ok([1006, 1008].includes((await peer.readClose()).code));
      await peer.closed();
    }
    const grownMb = (process.memoryUsage().rss - heldBefore) / 2 ** 20;
    assert.ok(grownMb < 60, `${grownMb.toFixed(1)} MB more than before`);
  });

  test("[GROW-56] of pings that come faster than their pongs are read the newest is answered, and nothing grows (B8)", async (t) => {
    const { port } = await startParlor(t);
    using peer = await joined(port);
    peer.pause();
    const heldBefore = process.memoryUsage().rss;
    let pings = 0;
    // More pongs than the system would take for a peer that does not read.
    for (let segment = 0; segment < 200; segment++) {
      const some = Array.from({ length: 1_000 }, () =>
        encodeRawFrame({ opcode: OPCODES.ping, payload: String((pings += 1)).padEnd(125) }),
      );
      if (!peer.socket.write(Buffer.concat(some))) await once(peer.socket, "drain");
    }
    const grownMb = (process.memoryUsage().rss - heldBefore) / 2 ** 20;
    assert.ok(grownMb < 80, `${grownMb.toFixed(1)} MB more than before`);
    peer.resume();
    let pongs = 0;
    for (let last = 0; last < pings; pongs++) {
      const { opcode, payload } = await peer.readFrame();
      assert.equal(opcode, OPCODES.pong);
      const said = Number(payload.toString());
      assert.ok(said > last, "a pong of an older ping");
      last = said;
    }
    assert.ok(pongs < pings / 10, `${pongs} pongs for ${pings} pings`);
  });

  test("[GROW-62] a connection that sent one small frame and is idle pins no buffer of its reading (B9)", async (t) => {
    const server = await childParlor(t);
    const peers: RawSocketPeer[] = [];
    const join = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) peers.push(await joined(server.port));
    };
    // What the first ones cause to be made once is there before it is counted. Buffers are: resident memory would
    // scatter by as much as half of one, and count of a buffer only what was written to.
    await join(100);
    const before = await server.bufferBytes();
    const count = 300;
    await join(count);
    const each = ((await server.bufferBytes()) - before) / count;
    for (const peer of peers) peer.destroy();
    assert.ok(each < 4_000, `${Math.round(each)} bytes of buffers each`);
  });

  test("[GROW-57] questions of a peer that never reads are read no more once its answers wait (O22)", async (t) => {
    const { port } = await startParlor(t, { sendBufferBytes: 65_536 });
    using peer = await joined(port);
    peer.pause();
    const question = encodeRawFrame({ payload: JSON.stringify({ type: "dance", room: "x".repeat(10_000) }) });
    const questions = Buffer.concat(Array.from({ length: 100 }, () => question));
    let writtenBytes = 0;
    const other = await Peer.join(t, port);
    // The peer's own system takes some megabytes; then nothing moves any more, while others are served.
    for (let stuck = 0; stuck < 100; ) {
      if (!peer.socket.writableNeedDrain) {
        peer.write(questions);
        writtenBytes += questions.length;
        stuck = 0;
      } else stuck += 1;
      assert.deepEqual(await other.untilPong(), []);
      assert.ok(writtenBytes < 100_000_000, "it went on reading");
    }
    peer.resume();
    const error = (await peer.readJson()) as { code: string };
    assert.equal(error.code, "unknown-frame");
  });
});
