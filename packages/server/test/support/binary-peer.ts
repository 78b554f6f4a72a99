import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { msgpack } from "@parlor/msgpack";
import { decodeServerFrame, SUBPROTOCOL, type ServerFrame } from "@parlor/protocol";
import { WebSocket } from "ws";
import { Arrivals } from "./arrivals.ts";
import { freshKey } from "./peer.ts";
import { within } from "./within.ts";

/** A peer whose frames are binary. */
export class BinaryPeer {
  readonly webSocket: WebSocket;
  readonly frames = new Arrivals<ServerFrame>("a frame");

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on("message", (data: Buffer, isBinary) => {
      assert.ok(isBinary, "a text on a binary connection");
      const decoded = msgpack.decode(data);
      assert.ok(decoded.ok);
      const frame = decodeServerFrame(decoded.value);
      assert.ok(frame.ok, JSON.stringify(frame));
      this.frames.add(frame.frame);
    });
    webSocket.on("close", (code, reason) => this.frames.end(`closed: ${code} ${reason.toString()}`));
    webSocket.on("error", (error) => this.frames.end(error.message));
  }

  /** Connected, and nothing said so far. */
  static async open(t: TestContext, port: number): Promise<BinaryPeer> {
    const protocols = [msgpack.subprotocol, SUBPROTOCOL];
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}/connect`, protocols, {
      perMessageDeflate: false,
    });
    const peer = new BinaryPeer(webSocket);
    t.after(() => webSocket.terminate());
    await within(new Promise((resolve) => webSocket.once("open", resolve)), "an open socket");
    assert.equal(webSocket.protocol, msgpack.subprotocol);
    return peer;
  }

  /** Connected, and welcomed. */
  static async join(t: TestContext, port: number): Promise<BinaryPeer> {
    const peer = await BinaryPeer.open(t, port);
    peer.hello();
    await peer.next("welcome");
    return peer;
  }

  hello(): void {
    this.send({ type: "hello", version: 1, key: freshKey(), producer: "producer-1" });
  }

  send(frame: object): void {
    this.webSocket.send(msgpack.encode(JSON.stringify(frame)));
  }

  /** Whatever bytes, as a binary message. */
  sendBytes(bytes: Uint8Array | readonly number[]): void {
    this.webSocket.send(Uint8Array.from(bytes));
  }

  /** The next frame, which is of that type. */
  async next<Type extends ServerFrame["type"]>(type: Type): Promise<Extract<ServerFrame, { type: Type }>> {
    const frame = await this.frames.next();
    assert.equal(frame.type, type, JSON.stringify(frame));
    return frame as Extract<ServerFrame, { type: Type }>;
  }
}

/** A value in MessagePack, also one that JSON can't say; each in the longest form, which is as right as any. */
export function packed(value: unknown): Buffer {
  if (value instanceof Uint8Array) return head(0xc6, value.length, value);
  if (typeof value === "string") return head(0xdb, Buffer.byteLength(value), Buffer.from(value));
  if (typeof value === "number" || typeof value === "bigint") {
    const bytes = Buffer.alloc(9, typeof value === "number" ? 0xcb : 0xcf);
    if (typeof value === "number") bytes.writeDoubleBE(value, 1);
    else bytes.writeBigUInt64BE(value, 1);
    return bytes;
  }
  if (Array.isArray(value)) return head(0xdd, value.length, ...value.map(packed));
  assert.ok(typeof value === "object" && value !== null);
  const members = Object.entries(value);
  return head(0xdf, members.length, ...members.flatMap(([name, member]) => [packed(name), packed(member)]));
}

function head(kind: number, length: number, ...parts: Uint8Array[]): Buffer {
  const bytes = Buffer.alloc(5, kind);
  bytes.writeUInt32BE(length, 1);
  return Buffer.concat([bytes, ...parts]);
}
