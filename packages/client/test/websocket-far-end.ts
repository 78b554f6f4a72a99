import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { decodeRawFrame, encodeRawFrame, OPCODES, type TransportFarEnd } from "@parlor/testkit";
import type { Transport } from "../src/transports/transport.ts";
import { webSocketTransport } from "../src/transports/websocket-transport.ts";
import { WELCOME } from "./set-up.ts";

/** What RFC 6455 has a server append to the client's key. */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The far end of the WebSocket. What it says leaves in pieces of any size. */
export class WebSocketFarEnd implements TransportFarEnd {
  readonly welcome = JSON.stringify(WELCOME);
  readonly openings: string[][] = [];
  readonly received: string[] = [];
  onChange: () => void = () => undefined;
  readonly #server: Server = createServer();
  readonly #sockets = new Set<Duplex>();
  /** A number from 0 to n - 1. */
  readonly #draw: (n: number) => number;
  #unsaid: Buffer[] = [];
  /** The socket that was greeted. */
  #down: Duplex | null = null;

  private constructor(draw: (n: number) => number) {
    this.#draw = draw;
    this.#server.on("upgrade", (request: IncomingMessage, socket: Duplex) => this.#take(request, socket));
  }

  static async listen(draw: (n: number) => number): Promise<WebSocketFarEnd> {
    const far = new WebSocketFarEnd(draw);
    far.#server.listen(0, "127.0.0.1");
    await once(far.#server, "listening");
    return far;
  }

  get openCount(): number {
    return this.#sockets.size;
  }

  transport(): Transport {
    const { port } = this.#server.address() as AddressInfo;
    return webSocketTransport(`ws://127.0.0.1:${port}/connect`, WebSocket);
  }

  say(...texts: readonly string[]): void {
    this.#unsaid.push(...texts.map((payload) => encodeRawFrame({ payload, mask: false })));
    if (this.#down === null) return;
    let bytes = Buffer.concat(this.#unsaid.splice(0));
    while (bytes.length > 0) {
      const count = 1 + this.#draw(Math.min(bytes.length, 1_000));
      this.#down.write(bytes.subarray(0, count));
      bytes = bytes.subarray(count);
    }
  }

  end(): void {
    // The close code 4001 in two bytes, then its reason.
    const payload = Buffer.from("\u000f\u00a1slow", "latin1");
    this.#down?.end(encodeRawFrame({ opcode: OPCODES.close, payload, mask: false }));
  }

  vanish(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  async dispose(): Promise<void> {
    if (!this.#server.listening) return;
    this.vanish();
    await once(this.#server, "close");
  }

  #take({ headers }: IncomingMessage, socket: Duplex): void {
    const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${KEY_SUFFIX}`).digest("base64");
    this.#sockets.add(socket);
    // A peer that is gone is what `close` tells.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#down === socket) this.#down = null;
      this.onChange();
    });
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: parlor.v1\r\n\r\n`,
    );
    const opening: string[] = [];
    let bytes: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let next = decodeRawFrame(bytes); next !== null; next = decodeRawFrame(bytes)) {
        bytes = bytes.subarray(next.size);
        if (next.frame.opcode === OPCODES.close) socket.end();
        else this.#hear(socket, opening, next.frame.payload.toString());
      }
    });
  }

  #hear(socket: Duplex, opening: string[], text: string): void {
    const { type } = JSON.parse(text) as { readonly type: string };
    if (type === "hello" || type === "subscribe") opening.push(text);
    else this.received.push(text);
    if (type === "hello") {
      this.openings.push(opening);
      this.#down = socket;
      this.#unsaid.unshift(encodeRawFrame({ payload: JSON.stringify(WELCOME), mask: false }));
      this.say();
    }
    this.onChange();
  }
}
