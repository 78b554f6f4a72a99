import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect as dial, createServer, type AddressInfo, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { deflateRawSync } from "node:zlib";
import { encodeRawFrame, OPCODES } from "@parlor/testkit";
import { collect, connect, RealServer } from "./real-server.ts";

const COMPRESSED = 4;

interface Hostility {
  readonly what: string;
  /** Further lines of the 101. */
  readonly headers?: string;
  readonly bytes: Buffer;
}

const HOSTILITIES: readonly Hostility[] = [
  {
    what: "a length of 2^64 - 1",
    bytes: encodeRawFrame({ declaredLength: 2n ** 64n - 1n, mask: false }),
  },
  { what: "a length of 2^63", bytes: encodeRawFrame({ declaredLength: 2n ** 63n, mask: false }) },
  {
    what: "a ping that claims 2^53 bytes",
    bytes: encodeRawFrame({ opcode: OPCODES.ping, declaredLength: 2n ** 53n, lengthBits: 64, mask: false }),
  },
  ...["99", "7", "-1", "8.5", "constructor", ""].map((bits) => ({
    what: `a window of ${bits} bits`,
    headers: `Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=${bits}\r\n`,
    bytes: encodeRawFrame({ reserved: COMPRESSED, payload: deflateRawSync("{}"), mask: false }),
  })),
  {
    what: "a compressed frame that nobody agreed on",
    bytes: encodeRawFrame({ reserved: COMPRESSED, payload: deflateRawSync("{}"), mask: false }),
  },
  { what: "a masked frame", bytes: encodeRawFrame({ payload: '{"type":"ping"}' }) },
  { what: "a frame that is no JSON", bytes: encodeRawFrame({ payload: "hello", mask: false }) },
  { what: "a text that is not UTF-8", bytes: encodeRawFrame({ payload: Uint8Array.of(0xff), mask: false }) },
  {
    what: "a close with a forbidden code",
    bytes: encodeRawFrame({ opcode: OPCODES.close, payload: Uint8Array.of(0x03, 0xed), mask: false }),
  },
];

/** A server that is hostile to its first visitor, and leads every later one to the real server. */
async function hostileFirst(t: TestContext, realPort: number, hostility: Hostility): Promise<number> {
  let visitors = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    visitors += 1;
    if (visitors > 1) {
      const real = dial(realPort, "127.0.0.1");
      real.on("error", () => socket.destroy());
      socket.on("close", () => real.destroy());
      socket.pipe(real).pipe(socket);
      return;
    }
    let head = "";
    socket.on("data", (chunk: Buffer) => {
      head += chunk.toString("latin1");
      const key = /^sec-websocket-key: (.*)\r$/im.exec(head)?.[1];
      if (key === undefined || !head.includes("\r\n\r\n")) return;
      socket.removeAllListeners("data").resume();
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          `Sec-WebSocket-Protocol: parlor.v1\r\n${hostility.headers ?? ""}Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.write(hostility.bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe("a hostile server", { timeout: 60_000 }, () => {
  for (const hostility of HOSTILITIES) {
    test(`[ABUSE-50] ends the connection and nothing else, and the client comes back with all that it has to say: ${hostility.what} (B15, B16)`, async (t) => {
      const real = await new RealServer(t).start();
      const port = await hostileFirst(t, real.port, hostility);
      const client = connect(t, `http://127.0.0.1:${port}/`, { transports: ["websocket"] });
      const room = client.room("lobby");
      const seen = collect(room);
      room.subscribe();
      const { offset } = await room.publish("in spite of it");
      assert.equal(offset, 1);
      await seen.until(1);
      assert.deepEqual(seen.bodies, ["in spite of it"]);
    });
  }
});
