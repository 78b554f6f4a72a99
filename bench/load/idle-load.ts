import { setTimeout as delay } from "node:timers/promises";
import { writeBenchText } from "./bench-text.ts";
import type { Dialect, DialectName } from "./dialects/dialect.ts";
import { findDialect } from "./dialects/find.ts";
import { Latencies, type LatencySummary } from "./latencies.ts";
import { openMany } from "./open-sockets.ts";
import { RawSocket } from "./raw-socket.ts";
import { CountingSink } from "./sinks.ts";

export interface IdleLoadOptions {
  readonly port: number;
  readonly dialect: DialectName;
  readonly connections: number;
}

export interface Announcement {
  /** From publish until each of the connections had the message. */
  readonly latency: LatencySummary;
  /** Of the connections, how many had it within the time allowed. */
  readonly reachedShare: number;
}

/** Connections from one source address: far below the ports that one address has. */
const PER_ADDRESS = 1_000;
/** How long a message may take to everybody, ms. */
const PATIENCE_MS = 5_000;

/** Connections that do nothing but be there, and now and then all hear one message. */
export class IdleLoad {
  readonly #dialect: Dialect;
  readonly #sockets: RawSocket[] = [];
  #onMessage: () => void = () => {};
  /** Of all loads of this process: the first connection is the same producer in each, and a seq is used once. */
  static #announcements = 0;

  private constructor(dialect: DialectName) {
    this.#dialect = findDialect(dialect);
  }

  static async join({ port, dialect, connections }: IdleLoadOptions): Promise<IdleLoad> {
    const load = new IdleLoad(dialect);
    load.#sockets.push(...(await openMany(connections, (index) => load.#joinOne(port, index))));
    return load;
  }

  /** The first connection publishes one message, and each is timed until it has it. */
  async announce(messageBytes: number): Promise<Announcement> {
    const latencies = new Latencies();
    const all = Promise.withResolvers<void>();
    let missing = this.#sockets.length;
    IdleLoad.#announcements += 1;
    const count = IdleLoad.#announcements;
    const dueMs = performance.now();
    this.#onMessage = () => {
      latencies.add(performance.now() - dueMs);
      missing -= 1;
      if (missing === 0) all.resolve();
    };
    const text = writeBenchText({ publisher: 0, count, dueMs }, messageBytes);
    this.#sockets[0]?.send(this.#dialect.publish(text, count));
    await Promise.race([all.promise, delay(PATIENCE_MS)]);
    this.#onMessage = () => {};
    return { latency: latencies.summary(), reachedShare: 1 - missing / this.#sockets.length };
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  async #joinOne(port: number, index: number): Promise<RawSocket> {
    const { path, subprotocol, framesToJoin } = this.#dialect;
    const sink = new CountingSink();
    const joined = Promise.withResolvers<void>();
    let messages = 0;
    sink.onFrame = () => {
      if (sink.frames === framesToJoin) joined.resolve();
      for (; messages < sink.messages; messages++) this.#onMessage();
    };
    // 127.0.0.2, 127.0.0.3 …: the whole of 127/8 is this machine where systems allow it, as Linux does.
    const localAddress =
      process.platform === "linux" ? `127.0.0.${2 + Math.floor(index / PER_ADDRESS)}` : undefined;
    const socket = await RawSocket.open({ port, path, subprotocol, localAddress }, sink);
    for (const frame of this.#dialect.join(index)) socket.send(frame);
    if (framesToJoin > 0) await joined.promise;
    return socket;
  }
}
