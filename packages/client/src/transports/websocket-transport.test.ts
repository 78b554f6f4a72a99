import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeServerFrame, type JsonObject } from "@parlor/protocol";
import { passesNow } from "../passes-now.ts";
import type { TransportClose } from "./transport.ts";
import { webSocketTransport } from "./websocket-transport.ts";

type Handler = (event: object) => void;

class FakeSocket {
  static last: FakeSocket;
  readonly sent: string[] = [];
  readonly closedWith: unknown[] = [];
  readonly url: string;
  readonly protocols: string[];
  chosen = "parlor.v1";
  readyState = 0;
  bufferedAmount = 0;
  binaryType = "blob";
  onopen: Handler | null = null;
  onmessage: Handler | null = null;
  onclose: Handler | null = null;
  onerror: Handler | null = null;

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.last = this;
  }

  get protocol(): string {
    return this.chosen;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code?: number): void {
    this.closedWith.push(code);
  }

  tell(type: "open" | "message" | "close" | "error", event: object = {}): void {
    this[`on${type}`]?.(event);
  }
}

class ThrowingSocket extends FakeSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    throw new Error("mixed content");
  }
}

function open(socketClass: typeof FakeSocket = FakeSocket, opening = ["hello", "subscribe"]) {
  const heard: unknown[] = [];
  const connection = webSocketTransport("ws://h/connect", socketClass, passesNow).open({
    opening: () => opening,
    onEarly: () => heard.push("early"),
    onOpen: () => heard.push("open"),
    onText: (text) => heard.push(text),
    onLife: () => undefined,
    onClose: (close: TransportClose) => heard.push(close),
  });
  return { heard, connection, socket: FakeSocket.last };
}

describe("webSocketTransport", () => {
  test("[CLIENT-74] a socket with 64 KiB unsent is given no signals, and all else", () => {
    const { connection, socket } = open();
    socket.readyState = 1;
    const signal = '{"type":"signal","room":"a","body":1}';
    socket.bufferedAmount = 65_536;
    connection.send(signal);
    socket.bufferedAmount = 65_537;
    connection.send(signal);
    connection.send('{"type":"ping"}');
    assert.deepEqual(socket.sent, [signal, '{"type":"ping"}']);
  });

  test("[CLIENT-32] it offers the protocol's name, carries texts both ways and tells the end once", () => {
    const { heard, connection, socket } = open();
    assert.equal(socket.url, "ws://h/connect");
    assert.equal(socket.protocols[0], "parlor.v1");
    connection.send("early");
    socket.readyState = 1;
    socket.tell("open");
    connection.send("publish");
    socket.tell("message", { data: "welcome" });
    socket.tell("close", { code: 4001, reason: "slow" });
    socket.tell("message", { data: "late" });
    assert.deepEqual(socket.sent, ["hello", "subscribe", "publish"]);
    assert.deepEqual(heard, ["open", "welcome", { code: 4001, reason: "slow" }]);
  });

  test("[CLIENT-40] the opening goes with the request for the socket, and is not said again where it was taken there", () => {
    const { heard, socket } = open();
    const [, opened = "", opening = ""] = socket.protocols;
    assert.equal(atob(opening.replace("parlor.v1.opening.", "")), "hello\nsubscribe");
    socket.readyState = 1;
    socket.chosen = opened;
    socket.tell("open");
    socket.tell("message", { data: "welcome" });
    assert.deepEqual([socket.sent, heard], [[], ["early", "open", "welcome"]]);
  });

  test("[CLIENT-40] a class of sockets that does not say what was chosen is not given it", () => {
    class Silent extends FakeSocket {
      override send(text: string): void {
        this.sent.push(text);
      }
    }
    Object.setPrototypeOf(Silent.prototype, {});
    const { socket } = open(Silent);
    assert.deepEqual(socket.protocols, ["parlor.v1"]);
    socket.readyState = 1;
    socket.onopen?.({});
    assert.deepEqual(socket.sent, ["hello", "subscribe"]);
  });

  test("[CLIENT-40] an opening of more than eight frames, or two thousand characters, does not", () => {
    for (const opening of [Array.from({ length: 9 }, () => "x"), ["x".repeat(1_600)]]) {
      const { socket } = open(FakeSocket, opening);
      assert.deepEqual(socket.protocols, ["parlor.v1"]);
      socket.readyState = 1;
      socket.tell("open");
      assert.deepEqual(socket.sent, opening);
    }
  });

  test("[CLIENT-32] a binary message is handed on as something that is no frame", () => {
    const { heard, socket } = open();
    const data = new ArrayBuffer(3);
    socket.tell("message", { data });
    assert.deepEqual([socket.binaryType, heard], ["arraybuffer", [data]]);
    const frame = decodeServerFrame(data as unknown as JsonObject);
    assert.deepEqual([frame.ok, "unknownType" in frame && frame.unknownType], [false, null]);
  });

  test("[CLIENT-32] after this side closed nothing is told, and an error of the handshake disturbs nobody", () => {
    const { heard, connection, socket } = open();
    connection.close();
    connection.close();
    socket.tell("open");
    socket.tell("error", { message: "aborted" });
    socket.tell("close", { code: 1006, reason: "" });
    assert.deepEqual(heard, []);
    assert.deepEqual(socket.closedWith[0], 1000);
  });

  test("[CLIENT-32] the platform's words about a failed handshake become the reason", () => {
    const { heard, socket } = open();
    socket.tell("error", { message: "connect ECONNREFUSED" });
    socket.tell("close", { code: 1006, reason: "" });
    assert.deepEqual(heard, [{ code: 1006, reason: "connect ECONNREFUSED" }]);
  });

  test("[CLIENT-32] a constructor that throws is a connection that ended, told later", async () => {
    const { heard, connection } = open(ThrowingSocket);
    assert.deepEqual(heard, []);
    await Promise.resolve();
    assert.deepEqual(heard, [{ code: 1006, reason: "Error: mixed content" }]);
    connection.close();
    const silent = open(ThrowingSocket);
    silent.connection.close();
    await Promise.resolve();
    assert.deepEqual(silent.heard, []);
  });
});
