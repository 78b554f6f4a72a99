import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket as ServerSocket } from "ws";
import type { Transport } from "../src/transports/transport.ts";
import { WebSocketTransport } from "../src/transports/websocket-transport.ts";
import type { FarEnd } from "./far-end.ts";
import { WELCOME } from "./set-up.ts";

/** The far end of the WebSocket: an opening is all that comes in the first turn behind the hello. */
export class WebSocketFarEnd implements FarEnd {
  readonly openings: string[][] = [];
  readonly received: string[] = [];
  onChange: () => void = () => undefined;
  readonly #server: WebSocketServer;
  #unsaid: string[] = [];
  #socket: ServerSocket | null = null;

  private constructor() {
    this.#server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    this.#server.on("connection", (socket) => this.#take(socket));
  }

  static async listen(): Promise<WebSocketFarEnd> {
    const far = new WebSocketFarEnd();
    await once(far.#server, "listening");
    return far;
  }

  get openCount(): number {
    return this.#server.clients.size;
  }

  transport(): Transport {
    const { port } = (this.#server.address() as AddressInfo | null) ?? { port: 1 };
    return new WebSocketTransport(`ws://127.0.0.1:${port}/connect`, WebSocket);
  }

  say(...texts: readonly string[]): void {
    this.#unsaid.push(...texts);
    const socket = this.#socket;
    for (const text of socket === null ? [] : this.#unsaid.splice(0)) socket?.send(text);
  }

  end(): void {
    this.#socket?.close(4001, "slow");
  }

  vanish(): void {
    this.#server.close();
    for (const socket of this.#server.clients) socket.terminate();
  }

  async dispose(): Promise<void> {
    this.vanish();
    if (this.openCount > 0) await once(this.#server, "close");
  }

  #take(socket: ServerSocket): void {
    const opening: string[] = [];
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      const { type } = JSON.parse(text) as { type: string };
      if (type === "hello") {
        this.#socket = socket;
        this.openings.push(opening);
        socket.send(JSON.stringify(WELCOME));
        this.say();
      }
      if (type === "hello" || type === "subscribe") opening.push(text);
      else this.received.push(text);
      this.onChange();
    });
    socket.on("close", () => {
      this.#socket = null;
      // The server forgets it in a listener of its own.
      setImmediate(() => this.onChange());
    });
  }
}
