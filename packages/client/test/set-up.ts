import { after } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { CoreClient, type CoreOptions } from "../src/core.ts";
import { ParlorClient, preload, type ClientOptions, type ConnectionState } from "../src/index.ts";
import { FakeTransport, type FakeConnection } from "./fake-transport.ts";

// So that what a test publishes goes out in the same turn.
await preload();

export const KEY = "k".repeat(43);
export const IDENTITY = "identity-of-the-client";

export const WELCOME = {
  type: "welcome",
  version: 1,
  identity: IDENTITY,
  now: 0,
  heartbeatMs: 25_000,
  expiresInMs: null,
  limits: {},
};

// A client that wants to come back holds its process, so those of a test file are closed at its end.
const made = new Set<CoreClient>();
after(() => {
  for (const client of made) client.close();
});

/** Those that listen: the whole client, and the core that it is built on. */
export const LISTENING: readonly (new (url: string, options: CoreOptions) => CoreClient)[] = [
  ParlorClient,
  CoreClient,
];

/** A client whose time, chance, network and page events are the test's. */
export class SetUp<Client extends CoreClient = ParlorClient> {
  readonly clock = new FakeClock();
  readonly transport = new FakeTransport();
  readonly client: Client;
  readonly states: ConnectionState[] = [];
  /** What the next draws give; 0.5 where it is empty. */
  readonly draws: number[] = [];
  isOffline = false;
  isHidden = false;
  wake: () => void = () => undefined;
  away: () => void = () => undefined;
  listening = 0;

  constructor(
    options: ClientOptions = {},
    Class: new (url: string, options: ClientOptions) => CoreClient = ParlorClient,
  ) {
    const setUp = this;
    this.client = new Class("http://parlor.test/", {
      key: KEY,
      producer: "producer-1",
      clock: this.clock,
      random: () => this.draws.shift() ?? 0.5,
      transport: this.transport,
      wake: {
        listen(onWake, onAway) {
          setUp.wake = onWake;
          setUp.away = onAway;
          setUp.listening += 1;
          return () => {
            setUp.listening -= 1;
          };
        },
        get isOffline() {
          return setUp.isOffline;
        },
        get isHidden() {
          return setUp.isHidden;
        },
      },
      ...options,
    }) as Client;
    made.add(this.client);
    this.client.on("state", (state) => this.states.push(state));
  }

  get far(): FakeConnection {
    return this.transport.last;
  }

  /** Opens the newest connection and welcomes it; the client's greeting is forgotten. */
  welcome(over: object = {}): Record<string, unknown>[] {
    this.far.open();
    const greeting = this.far.take();
    this.far.say({ ...WELCOME, ...over });
    return greeting;
  }

  /** Runs until the client's next try is under way. */
  comeBack(): void {
    const before = this.transport.connections.length;
    while (this.transport.connections.length === before) {
      const nextInMs = this.clock.nextInMs;
      if (nextInMs === null) throw new Error("it does not come back");
      this.clock.advance(nextInMs);
    }
  }
}

export function subscribed(room: string, after: number, over: object = {}): object {
  return {
    type: "subscribed",
    room,
    epoch: "e1",
    after,
    head: after,
    earliest: 1,
    lost: null,
    skipped: null,
    ...over,
  };
}

export function message(offset: number, over: object = {}): object {
  return { offset, from: "someone", producer: "producer-x", seq: offset, at: 0, body: `m${offset}`, ...over };
}

export function messages(room: string, after: number, ...offsets: readonly number[]): object {
  return { type: "messages", room, after, messages: offsets.map((offset) => message(offset)) };
}
