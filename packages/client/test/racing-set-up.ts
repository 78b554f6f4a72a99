import { after } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { ParlorClient, type ClientOptions, type ConnectionState, type TransportKind } from "../src/index.ts";
import type { KeyStorage } from "../src/key-storage.ts";
import { ChosenTransport } from "../src/transports/chosen-transport.ts";
import { contend } from "../src/transports/contender.ts";
import type { Means, RacingLink } from "../src/transports/means.ts";
import { goingOn } from "../src/transports/going-on.ts";
import { racingLink } from "../src/transports/racing-link.ts";
import { transportHistory } from "../src/transports/transport-history.ts";
import type { FakeFetch } from "./fake-fetch.ts";
import { FakeTransport, type FakeConnection } from "./fake-transport.ts";
import { KEY, WELCOME } from "./set-up.ts";

export class MemoryStorage implements KeyStorage {
  readonly kept = new Map<string, string>();

  read(origin: string): string | null {
    return this.kept.get(origin) ?? null;
  }

  write(origin: string, text: string): void {
    this.kept.set(origin, text);
  }
}

// A client that wants to come back holds its process.
const made = new Set<ParlorClient>();
after(() => {
  for (const client of made) client.close();
});

export interface RacingOptions {
  readonly kinds?: readonly TransportKind[];
  readonly storage?: KeyStorage;
  /** Loads the race; without it the race is there from the start. */
  readonly load?: () => Promise<void>;
  /** The far end of the poll that a page's first connection begins with; without it there is none. */
  readonly quick?: FakeFetch;
  readonly client?: ClientOptions;
}

/** A client over three transports whose far ends, time and chance are the test's. */
export class RacingSetUp {
  readonly clock = new FakeClock();
  readonly websocket = new FakeTransport("websocket");
  readonly stream = new FakeTransport("stream");
  readonly poll = new FakeTransport("poll");
  readonly client: ParlorClient;
  readonly states: ConnectionState[] = [];

  constructor(options: RacingOptions = {}) {
    const { clock } = this;
    const { kinds = ["websocket", "stream", "poll"], storage = null, load, quick } = options;
    const means: Means = {
      kinds,
      socket: this.websocket,
      base: "http://parlor.test/",
      fetch: (quick?.fetch ?? refuseRequest) as typeof fetch,
      clock,
      random: () => 0,
      history: transportHistory(storage, "http://parlor.test"),
      contend: (transport, host) => contend(transport, clock.monotonic(), host),
    };
    const makeRacing = (): RacingLink => goingOn(racingLink(means, (kind) => this[kind]));
    this.client = new ParlorClient("http://parlor.test/", {
      key: KEY,
      producer: "producer-1",
      clock,
      random: () => 0.5,
      wake: { listen: () => () => undefined, isOffline: false },
      transport:
        load === undefined
          ? makeRacing()
          : new ChosenTransport(means, () => load().then(makeRacing), quick !== undefined),
      ...options.client,
    });
    made.add(this.client);
    this.client.on("state", (state) => this.states.push(state));
  }

  /** Which transports were opened how often: websocket, stream, poll. */
  get opened(): readonly number[] {
    return [this.websocket, this.stream, this.poll].map(({ connections }) => connections.length);
  }

  /** The transport in use, or how the client is without one. */
  get stands(): string {
    const { state } = this.client;
    return state.kind === "open" ? state.transport : state.kind;
  }

  get reason(): string {
    const { state } = this.client;
    return state.kind === "waiting" ? state.reason : `not waiting but ${state.kind}`;
  }

  /** Begins a try. */
  start(): this {
    this.client.room("a").subscribe({ last: 10 });
    return this;
  }

  /** Runs until the client's next try is under way. */
  comeBack(): void {
    for (let steps = 0; this.client.state.kind !== "connecting"; steps++) {
      const { nextInMs } = this.clock;
      if (nextInMs === null || steps > 100) throw new Error("it does not come back");
      this.clock.advance(nextInMs);
    }
  }
}

function refuseRequest(): Promise<never> {
  return Promise.reject(new Error("no requests in this test"));
}

/** The far end hands the opening over, and welcomes; what it was sent comes back. */
export function welcome(far: FakeConnection): Record<string, unknown>[] {
  far.open();
  const opening = far.take();
  far.say(WELCOME);
  return opening;
}

export function typesOf(frames: readonly Record<string, unknown>[]): unknown[] {
  return frames.map(({ type }) => type);
}
