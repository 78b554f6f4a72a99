import { ParlorClient } from "@parlor/client";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { Latencies, type LatencySummary } from "./latencies.ts";

/** Whose client asks. Both go over a WebSocket of `ws`, which is what Socket.IO's client takes in Node. */
export type AskerName = "parlor" | "socket.io";

export interface AskLoadOptions {
  readonly port: number;
  readonly asker: AskerName;
  /** Requests that do not count: code is compiled, the connection is there. */
  readonly warmUp: number;
}

/** What is asked: the answer is the same again. */
type Ask = (params: Params) => Promise<Params>;

interface Params {
  readonly count: number;
  readonly text: string;
}

const TEXT = "x".repeat(80);

/** One client that asks the server's `echo`, each time when the last answer has come. */
export class RequestLoad {
  readonly #ask: Ask;
  readonly #close: () => void;
  readonly #latencies = new Latencies();
  #count = 0;

  private constructor(ask: Ask, close: () => void) {
    this.#ask = ask;
    this.#close = close;
  }

  static async join({ port, asker, warmUp }: AskLoadOptions): Promise<RequestLoad> {
    const load = asker === "parlor" ? RequestLoad.#parlor(port) : RequestLoad.#socketIo(port);
    for (let i = 0; i < warmUp; i++) await load.#once();
    return load;
  }

  static #parlor(port: number): RequestLoad {
    const client = new ParlorClient(`http://127.0.0.1:${port}/`, {
      transports: ["websocket"],
      webSocket: WebSocket,
    });
    const ask: Ask = (params) => client.request<Params>("echo", params);
    return new RequestLoad(ask, () => client.close());
  }

  static #socketIo(port: number): RequestLoad {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
    const ask: Ask = (params) => socket.emitWithAck("echo", params) as Promise<Params>;
    return new RequestLoad(ask, () => void socket.close());
  }

  async ask(requests: number): Promise<void> {
    for (let i = 0; i < requests; i++) this.#latencies.add(await this.#once());
  }

  end(): LatencySummary {
    this.#close();
    return this.#latencies.summary();
  }

  /** How long one takes, ms. */
  async #once(): Promise<number> {
    const params = { count: ++this.#count, text: TEXT };
    const startedMs = performance.now();
    const answer = await this.#ask(params);
    const tookMs = performance.now() - startedMs;
    if (answer.count !== params.count) throw new Error("the answer is another request's");
    return tookMs;
  }
}
