import { setTimeout as delay } from "node:timers/promises";
import { Checker, type CheckReport, readChecked } from "./checker.ts";
import type { Dialect, DialectName } from "./dialects/dialect.ts";
import { findDialect } from "./dialects/find.ts";
import { Latencies, type LatencySummary } from "./latencies.ts";
import { openMany } from "./open-sockets.ts";
import { type Pace, PacedPublishing } from "./paced-publishing.ts";
import { RawSocket } from "./raw-socket.ts";
import { CountingSink, TextSink } from "./sinks.ts";

export interface RoomLoadOptions {
  readonly port: number;
  readonly dialect: DialectName;
  readonly members: number;
  /** Of the members, how many parse every frame and check it. */
  readonly checked: number;
  /** Of the members that only count, how many publish too. */
  readonly publishers: number;
  readonly messageBytes: number;
}

/** What happened while a room was measured. */
export interface Window {
  readonly elapsedMs: number;
  /** Messages taken by members, one message to a thousand members being a thousand. */
  readonly deliveries: number;
  /** From when a message was due to when a checked member had parsed it. */
  readonly latency: LatencySummary;
  readonly pace: Pace;
}

/** What came of everything that was published since the members joined. */
export interface RoomEnd {
  readonly published: number;
  readonly delivered: number;
  /** Of what was to be delivered, how much was. 1 is everything. */
  readonly deliveredShare: number;
  readonly check: CheckReport;
  /** Members whose connection had ended. */
  readonly lostMembers: number;
}

/** How long what is under way may take to arrive after the last publish, ms. */
const GRACE_MS = 1_000;

/** A room full of members: most count, some check, some publish. */
export class RoomLoad {
  readonly #options: RoomLoadOptions;
  readonly #dialect: Dialect;
  readonly #sockets: RawSocket[] = [];
  readonly #sinks: CountingSink[] = [];
  readonly #checker = new Checker();
  readonly #publishing: PacedPublishing;
  #checkedMessages = 0;
  #latencies = new Latencies();

  private constructor(options: RoomLoadOptions) {
    this.#options = options;
    this.#dialect = findDialect(options.dialect);
    this.#publishing = new PacedPublishing(
      options.publishers,
      options.messageBytes,
      (publisher, count, text) => this.#sockets[publisher]?.send(this.#dialect.publish(text, count)),
    );
  }

  /** Fulfils when every member hears the room. */
  static async join(options: RoomLoadOptions): Promise<RoomLoad> {
    const load = new RoomLoad(options);
    const { members, checked } = options;
    load.#sockets.push(
      ...(await openMany(members, (member) =>
        member < members - checked ? load.#joinCounting(member) : load.#joinChecked(member),
      )),
    );
    return load;
  }

  /** Publishes at a rate for a time, and says what arrived meanwhile. */
  async publish(perSecond: number, durationMs: number): Promise<Window> {
    this.#latencies = new Latencies();
    const before = this.#delivered;
    const startedMs = performance.now();
    const pace = await this.#publishing.run(perSecond, durationMs);
    return {
      elapsedMs: performance.now() - startedMs,
      deliveries: this.#delivered - before,
      latency: this.#latencies.summary(),
      pace,
    };
  }

  /** Waits for what is still under way, a second at most, and adds up. */
  async end(): Promise<RoomEnd> {
    const { members } = this.#options;
    const published = this.#publishing.total;
    const untilMs = performance.now() + GRACE_MS;
    while (this.#delivered < published * members && performance.now() < untilMs) await delay(5);
    const delivered = this.#delivered;
    const lostMembers = this.#sockets.filter((socket) => socket.isClosed).length;
    for (const socket of this.#sockets) socket.close();
    return {
      published,
      delivered,
      deliveredShare: published === 0 ? 1 : delivered / (published * members),
      check: this.#checker.report,
      lostMembers,
    };
  }

  get #delivered(): number {
    let messages = this.#checkedMessages;
    for (const sink of this.#sinks) messages += sink.messages;
    return messages;
  }

  async #joinCounting(member: number): Promise<RawSocket> {
    const sink = new CountingSink();
    this.#sinks.push(sink);
    const joined = Promise.withResolvers<void>();
    sink.onFrame = () => {
      if (sink.frames < this.#dialect.framesToJoin) return;
      sink.onFrame = null;
      joined.resolve();
    };
    const socket = await this.#open(member, sink);
    if (this.#dialect.framesToJoin > 0) await joined.promise;
    return socket;
  }

  async #joinChecked(member: number): Promise<RawSocket> {
    const read = this.#dialect.reader();
    const check = this.#checker.member(`member ${member}`);
    const joined = Promise.withResolvers<void>();
    let frames = 0;
    const sink = new TextSink((frame) => {
      frames += 1;
      if (frames === this.#dialect.framesToJoin) joined.resolve();
      for (const message of readChecked(read, frame, this.#checker)) {
        this.#latencies.add(performance.now() - message.dueMs);
        this.#checkedMessages += 1;
        check(message);
      }
    });
    const socket = await this.#open(member, sink);
    if (this.#dialect.framesToJoin > 0) await joined.promise;
    return socket;
  }

  async #open(member: number, sink: CountingSink | TextSink): Promise<RawSocket> {
    const { path, subprotocol } = this.#dialect;
    const socket = await RawSocket.open({ port: this.#options.port, path, subprotocol }, sink);
    for (const frame of this.#dialect.join(member)) socket.send(frame);
    return socket;
  }
}
