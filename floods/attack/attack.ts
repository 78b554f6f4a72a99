import { randomId } from "@parlor/base";
import { setTimeout as wait } from "node:timers/promises";
import { clientFrame, FloodSocket, type FloodSocketOptions } from "./flood-socket.ts";
import { Tellings } from "./tellings.ts";

/** The address that floods, where one is enough; the well-behaved pair has 127.0.0.1. */
export const FLOODER = "127.0.0.2";

/** How often it is looked whether something is due, ms. */
const LOOK_MS = 10;

/** Upgrades under way at once: below what a listener's backlog takes. */
const AT_ONCE = 100;

/** One flood, from its beginning to the end of its time. */
export class Attack {
  readonly port: number;
  readonly tellings = new Tellings();
  readonly #endMs: number;
  readonly #sockets = new Set<FloodSocket>();

  constructor(port: number, seconds: number) {
    this.port = port;
    this.#endMs = performance.now() + seconds * 1_000;
  }

  get isOver(): boolean {
    return performance.now() >= this.#endMs;
  }

  /** Does something `perSecond` times a second, evenly, until the time is over. */
  async pace(perSecond: number, act: (count: number) => void): Promise<void> {
    const begunMs = performance.now();
    for (let count = 0; !this.isOver; await wait(LOOK_MS)) {
      const due = ((performance.now() - begunMs) / 1_000) * perSecond;
      for (; count < due; count++) act(count);
    }
  }

  /** Fulfils when the time is over. */
  async rest(): Promise<void> {
    await wait(Math.max(0, this.#endMs - performance.now()));
  }

  connect(options: Partial<FloodSocketOptions> = {}): FloodSocket {
    const { port, tellings } = this;
    const socket = new FloodSocket({ from: FLOODER, ...options, port, tellings });
    this.#sockets.add(socket);
    socket.socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }

  /** WebSockets that are open and, unless they should not, have said hello; fewer where the server refuses. */
  async openWebSockets(count: number, options: WebSocketsOptions = {}): Promise<FloodSocket[]> {
    const open: FloodSocket[] = [];
    for (let begun = 0; begun < count && !this.isOver; begun += AT_ONCE) {
      const sockets = Array.from({ length: Math.min(AT_ONCE, count - begun) }, () => {
        const socket = this.connect(options.socket);
        socket.upgrade();
        return socket;
      });
      this.tellings.sent("upgrades", sockets.length);
      const areOpen = await Promise.all(sockets.map((socket) => socket.opened));
      open.push(...sockets.filter((_, i) => areOpen[i] === true));
    }
    if (options.saysHello !== false) for (const socket of open) socket.write(helloFrame());
    return open;
  }

  /** Leaves every connection. */
  end(): void {
    for (const socket of this.#sockets) socket.leave();
  }
}

export interface WebSocketsOptions {
  /** @default true */
  readonly saysHello?: boolean;
  readonly socket?: Partial<FloodSocketOptions>;
}

/** A hello of somebody whom nobody has seen before. */
export function hello(): string {
  return JSON.stringify({ type: "hello", version: 1, key: randomId(32), producer: randomId(16) });
}

export function helloFrame(): Buffer {
  return clientFrame(hello());
}
