import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { ServerFrame, ServerFrameType } from "@parlor/protocol";
import { WebSocket, type ClientOptions } from "ws";
import { Arrivals } from "./arrivals.ts";
import { within } from "./within.ts";

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

type FrameOf<Type extends ServerFrameType> = Extract<ServerFrame, { type: Type }>;

let keys = 0;

/** A key that no other peer of this process has. */
export function freshKey(): string {
  keys += 1;
  return `key-of-a-test-${String(keys).padStart(16, "0")}`;
}

/** A WebSocket that keeps what it is sent. */
export class TextSocket {
  readonly webSocket: WebSocket;
  readonly texts = new Arrivals<string>("a text");
  readonly closed: Promise<Closed>;

  constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on("message", (data: Buffer) => this.texts.add(data.toString("utf8")));
    webSocket.on("error", (error) => this.texts.end(`the socket failed: ${error.message}`));
    this.closed = new Promise((resolve) => {
      webSocket.on("close", (code, reason) => {
        this.texts.end(`the socket was closed: ${code} ${reason.toString()}`);
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Fulfils when it is open; ends with the test. */
  static async open(
    t: TestContext,
    url: string,
    protocols: string[] = [],
    options: ClientOptions = {},
  ): Promise<TextSocket> {
    const webSocket = new WebSocket(url, protocols, { perMessageDeflate: false, ...options });
    const socket = new TextSocket(webSocket);
    t.after(() => webSocket.terminate());
    await within(
      new Promise<void>((resolve, reject) => {
        webSocket.once("open", resolve);
        webSocket.once("error", reject);
      }),
      "an open socket",
    );
    return socket;
  }

  sendText(text: string): void {
    this.webSocket.send(text);
  }

  /** The next text as JSON. */
  async json(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.texts.next()) as Record<string, unknown>;
  }

  /** How the server closed it. */
  close(): Promise<Closed> {
    return within(this.closed, "the close of the socket");
  }

  leave(): Promise<Closed> {
    this.webSocket.close();
    return this.close();
  }
}

/** A peer of the full protocol: sends frames, and takes what comes one frame after the other. */
export class Peer {
  readonly socket: TextSocket;
  identity = "";
  #answersPings = true;

  constructor(socket: TextSocket) {
    this.socket = socket;
  }

  /** A connection without its hello. */
  static async knock(t: TestContext, port: number, options: ClientOptions = {}): Promise<Peer> {
    const url = `ws://127.0.0.1:${port}/connect`;
    return new Peer(await TextSocket.open(t, url, ["parlor.v1"], options));
  }

  /** A connection that was welcomed. */
  static async join(
    t: TestContext,
    port: number,
    hello: { key?: string; producer?: string; token?: string } = {},
    options: ClientOptions = {},
  ): Promise<Peer> {
    const peer = await Peer.knock(t, port, options);
    await peer.hello({ key: freshKey(), ...hello });
    return peer;
  }

  async hello(members: object = {}): Promise<FrameOf<"welcome">> {
    this.send({ type: "hello", version: 1, producer: "producer-1", ...members });
    const welcome = await this.next("welcome");
    this.identity = welcome.identity;
    return welcome;
  }

  send(...frames: object[]): void {
    for (const frame of frames) this.socket.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.socket.sendText(text);
  }

  /** From now on the server's pings are frames as any other, and nobody answers them. */
  seePings(): void {
    this.#answersPings = false;
  }

  /** The next frame, which must be of that type. Pings are answered on the way. */
  async next<Type extends ServerFrameType>(type: Type, patienceMs?: number): Promise<FrameOf<Type>> {
    const frame = await this.any(patienceMs);
    assert.equal(frame.type, type, `a ${type} was expected, and this came: ${JSON.stringify(frame)}`);
    return frame as FrameOf<Type>;
  }

  /** The next frame of that type; those before it are passed over. */
  async find<Type extends ServerFrameType>(type: Type): Promise<FrameOf<Type>> {
    for (;;) {
      const frame = await this.any();
      if (frame.type === type) return frame as FrameOf<Type>;
    }
  }

  /** The next frame of whatever type. */
  async any(patienceMs?: number): Promise<ServerFrame> {
    for (;;) {
      const frame = JSON.parse(await this.socket.texts.next(patienceMs)) as ServerFrame;
      if (frame.type !== "ping" || !this.#answersPings) return frame;
      this.send({ type: "pong" });
    }
  }

  /** What came before the answer to a ping sent now: everything that was answered at once. */
  async untilPong(): Promise<ServerFrame[]> {
    this.send({ type: "ping" });
    const frames: ServerFrame[] = [];
    for (;;) {
      const frame = await this.any();
      if (frame.type === "pong") return frames;
      frames.push(frame);
    }
  }

  /** Sends one text and gives the error that answers it; that the connection lives on is made sure. */
  async errorTo(text: string): Promise<FrameOf<"error">> {
    this.sendText(text);
    const error = await this.next("error");
    assert.equal(typeof error.message, "string");
    assert.notEqual(error.message, "");
    assert.deepEqual(await this.untilPong(), []);
    return error;
  }

  async subscribe(room: string, members: object = {}): Promise<FrameOf<"subscribed">> {
    this.send({ type: "subscribe", room, ...members });
    return this.next("subscribed");
  }

  async publish(room: string, seq: number, body: unknown, members: object = {}): Promise<FrameOf<"ack">> {
    this.send({ type: "publish", room, seq, body, ...members });
    return this.next("ack");
  }

  close(): Promise<Closed> {
    return this.socket.close();
  }

  leave(): Promise<Closed> {
    return this.socket.leave();
  }
}
