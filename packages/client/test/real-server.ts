import type { TestContext } from "node:test";
import { MemoryLog, type RoomLog } from "@parlor/log";
import { Parlor, type ParlorOptions } from "@parlor/server";
import type { CoreClient, CoreRoom } from "../src/core.ts";
import { ParlorClient, type ClientOptions, type ConnectionState } from "../src/index.ts";

const QUIET = { info() {}, warn() {}, error() {} };

/** A real server on one port, that can go away and come back there. */
export class RealServer {
  port = 0;
  log: RoomLog;
  #parlor: Parlor | null = null;

  constructor(t: TestContext, log: RoomLog = new MemoryLog()) {
    this.log = log;
    t.after(async () => {
      await this.stop();
      await this.log.close();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  get parlor(): Parlor {
    if (this.#parlor === null) throw new Error("the server is away");
    return this.#parlor;
  }

  async start(options: Partial<ParlorOptions> = {}): Promise<this> {
    const { log } = this;
    this.#parlor = new Parlor({ publishPerSecond: Infinity, logger: QUIET, ...options, log });
    this.port = (await this.#parlor.listen({ port: this.port })).port;
    return this;
  }

  /** At once, as a killed process would: connections are cut without a word. */
  async stop(): Promise<void> {
    await this.#parlor?.close();
    this.#parlor = null;
  }

  async drain(): Promise<void> {
    await this.#parlor?.drain();
    this.#parlor = null;
  }

  /** Bodies of a room as the log has them, oldest first. */
  async bodies(room: string): Promise<unknown[]> {
    const { messages } = await this.log.read(room, 0, { maxMessages: 100_000, maxBytes: 1e9 });
    return messages.map(({ bodyJson }) => JSON.parse(bodyJson ?? "null") as unknown);
  }
}

/** A client that is closed with its test and comes back quickly. */
export function connect(t: TestContext, url: string, options: ClientOptions = {}): ParlorClient {
  const client = new ParlorClient(url, { random: () => 0.02, ...options });
  t.after(() => client.close());
  return client;
}

/** Fulfils with the first state, now or later, that is of this kind. */
export async function stateOf<Kind extends ConnectionState["kind"]>(
  client: CoreClient,
  kind: Kind,
): Promise<ConnectionState & { kind: Kind }> {
  if (client.state.kind === kind) return client.state as ConnectionState & { kind: Kind };
  return await new Promise((resolve) => {
    const stop = client.on("state", (state) => {
      if (state.kind !== kind) return;
      stop();
      resolve(state as ConnectionState & { kind: Kind });
    });
  });
}

/** Collects the bodies that a room delivers; `until` fulfils when there are so many. */
export function collect(room: CoreRoom): {
  readonly bodies: unknown[];
  until(count: number): Promise<void>;
} {
  const bodies: unknown[] = [];
  let check = (): void => undefined;
  room.on("messages", (messages) => {
    bodies.push(...messages.map(({ body }) => body));
    check();
  });
  return {
    bodies,
    until: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (bodies.length >= count) resolve();
        };
        check();
      }),
  };
}
