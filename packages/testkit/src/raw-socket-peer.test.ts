import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, test } from "node:test";
import { decodeRawFrame, encodeRawFrame, OPCODES } from "./raw-frames.ts";
import { RawSocketPeer } from "./raw-socket-peer.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("raw frames", () => {
  // The examples of RFC 6455, section 5.7.
  test("are encoded as the standard shows", () => {
    const mask = hex("37fa213d");
    assert.deepEqual(encodeRawFrame({ payload: "Hello", mask: false }), hex("81 05 48 65 6c 6c 6f"));
    assert.deepEqual(encodeRawFrame({ payload: "Hello", mask }), hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
    assert.deepEqual(encodeRawFrame({ payload: "Hel", isFinal: false, mask: false }), hex("01 03 48 65 6c"));
    assert.deepEqual(
      encodeRawFrame({ opcode: OPCODES.continuation, payload: "lo", mask: false }),
      hex("80 02 6c 6f"),
    );
    assert.deepEqual(
      encodeRawFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(256), mask: false }).subarray(0, 4),
      hex("82 7e 01 00"),
    );
    assert.deepEqual(
      encodeRawFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(65_536), mask: false }).subarray(0, 10),
      hex("82 7f 00 00 00 00 00 01 00 00"),
    );
  });

  test("can be wrong: reserved bits, a longer length field than needed, a length that is a lie", () => {
    assert.deepEqual(encodeRawFrame({ reserved: 4, payload: "a", mask: false }), hex("c1 01 61"));
    assert.deepEqual(encodeRawFrame({ lengthBits: 16, payload: "a", mask: false }), hex("81 7e 00 01 61"));
    assert.deepEqual(
      encodeRawFrame({ declaredLength: 2n ** 64n - 1n, mask: false }),
      hex("81 7f ff ff ff ff ff ff ff ff"),
    );
  });

  test("are decoded as they were encoded, and only once they are whole", () => {
    for (const size of [0, 1, 125, 126, 65_535, 65_536]) {
      for (const mask of [true, false]) {
        const payload = Buffer.alloc(size, "x");
        const bytes = encodeRawFrame({ opcode: OPCODES.ping, payload, mask, reserved: 1, isFinal: false });
        const decoded = decodeRawFrame(Buffer.concat([bytes, hex("00")]));
        assert.deepEqual(decoded, {
          frame: { isFinal: false, reserved: 1, opcode: OPCODES.ping, payload },
          size: bytes.length,
        });
        assert.equal(decodeRawFrame(bytes.subarray(0, -1)), null);
      }
    }
  });
});

/** A server that takes every handshake and hands the socket to the test. */
async function upgradingServer(): Promise<{
  server: Server;
  port: number;
  accepted: Promise<[IncomingMessage, Socket]>;
}> {
  const server = createServer((_, response) => response.writeHead(426, { "X-A": ["1", "2"] }).end("no"));
  const accepted = new Promise<[IncomingMessage, Socket]>((resolve) => {
    server.on("upgrade", (request, socket) => {
      const accept = createHash("sha1")
        .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      resolve([request, socket as Socket]);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port, accepted };
}

describe("RawSocketPeer", () => {
  test("shakes hands, and sends and reads frames in both directions", async () => {
    const { server, port, accepted } = await upgradingServer();
    using peer = await RawSocketPeer.open({ port, headers: { Origin: "http://evil.example" } });
    const [request, socket] = await accepted;
    assert.equal(request.url, "/connect");
    assert.equal(request.headers["sec-websocket-protocol"], "parlor.v1");
    assert.equal(request.headers.origin, "http://evil.example");
    assert.equal(request.headers.host, `127.0.0.1:${port}`);
    peer.send({ type: "ping" });
    const [chunk] = (await once(socket, "data")) as [Buffer];
    assert.equal(decodeRawFrame(chunk)?.frame.payload.toString(), '{"type":"ping"}');
    const ping = encodeRawFrame({ opcode: OPCODES.ping, mask: false });
    const answers = ['{"type":"welcome"}', '{"type":"pong","n":1}'].map((payload) =>
      encodeRawFrame({ payload, mask: false }),
    );
    const close = encodeRawFrame({
      opcode: OPCODES.close,
      payload: hex("0fa1").toString("latin1"),
      mask: false,
    });
    socket.write(Buffer.concat([ping, ...answers]).subarray(0, 9));
    socket.write(Buffer.concat([ping, ...answers]).subarray(9));
    assert.deepEqual(await peer.readJsonWith({ type: "pong" }), { type: "pong", n: 1 });
    socket.write(Buffer.concat([close.subarray(0, 1), hex("02 0f a1")]));
    assert.deepEqual(await peer.readClose(), { code: 4001, reason: "" });
    socket.destroy();
    await peer.closed();
    server.close();
  });

  test("a refused handshake gives its status, and headers that came twice joined", async () => {
    const { server, port } = await upgradingServer();
    using peer = await RawSocketPeer.connect({ port });
    const { status, headers } = await peer.handshake({
      path: "/",
      headers: { Upgrade: null, Connection: "close" },
    });
    assert.equal(status, 426);
    assert.equal(headers.get("x-a"), "1, 2");
    assert.match((await peer.readBytes(7)).toString(), /no/);
    await assert.rejects(
      RawSocketPeer.open({ port, headers: { Upgrade: null } }),
      /answered 426 Upgrade Required/,
    );
    server.close();
    server.closeAllConnections();
  });

  test("a read that waits in vain says for what, at the end of the connection or of its time", async () => {
    const { server, port, accepted } = await upgradingServer();
    using peer = await RawSocketPeer.open({ port });
    const [, socket] = await accepted;
    await assert.rejects(peer.readFrame(20), /a frame did not come within 20 ms/);
    socket.destroy();
    await assert.rejects(peer.readFrame(), /the connection ended before a frame came/);
    assert.deepEqual(await peer.readClose(), { code: 1006, reason: "" });
    server.close();
  });

  test("a paused peer takes nothing from the network until it is resumed", async () => {
    const { server, port, accepted } = await upgradingServer();
    using peer = await RawSocketPeer.open({ port });
    const [, socket] = await accepted;
    peer.pause();
    const frame = encodeRawFrame({ payload: Buffer.alloc(60_000, "x"), mask: false });
    let sent = 0;
    for (; socket.write(frame) || sent < 50; sent++) if (sent > 2000) assert.fail("the socket never filled");
    assert.equal(peer.receivedBytes, 0);
    peer.resume();
    for (let i = 0; i < sent; i++) assert.equal((await peer.readFrame()).payload.length, 60_000);
    socket.destroy();
    server.close();
  });
});
