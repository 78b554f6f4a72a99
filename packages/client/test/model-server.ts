import type { Clock } from "@parlor/base";
import type { ClientFrame, HistoryFrame, Message, PublishFrame, SubscribeFrame } from "@parlor/protocol";
import type {
  Transport,
  TransportConnection,
  TransportKind,
  TransportListener,
} from "../src/transports/transport.ts";

/**
 * A small model of a server that does all that the protocol allows it, and a network that does worse:
 * connections are cut at any frame, or fall silent, answers are late, publishes and subscriptions are
 * refused for now, chains start anew, frames of messages get lost or come twice, producers are forgotten.
 * What it does is drawn from `random`, so one seed is one run.
 */
export class ModelServer {
  readonly rooms = new Map<string, ModelRoom>();
  /** How often each fault happened. */
  readonly faults = new Map<string, number>();
  isFaulty = true;
  /** As only a server may that has not heard of a producer for 7 days. */
  forgetsProducers = true;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #connections = new Set<ModelConnection>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  transport(identity: string, kind: TransportKind = "websocket"): Transport {
    return {
      kind,
      open: (listener) => {
        const connection = new ModelConnection(this, identity, listener);
        this.#connections.add(connection);
        return connection.nearEnd;
      },
    };
  }

  room(name: string): ModelRoom {
    const room = this.rooms.get(name) ?? new ModelRoom();
    this.rooms.set(name, room);
    return room;
  }

  /** True with this chance while faults are on; counts it. */
  mishap(name: string, chance: number): boolean {
    if (!this.isFaulty || this.#random() >= chance) return false;
    this.faults.set(name, (this.faults.get(name) ?? 0) + 1);
    return true;
  }

  draw(min: number, max: number): number {
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  get nowMs(): number {
    return this.#clock.monotonic();
  }

  later(delayMs: number, task: () => void): void {
    this.#clock.after(delayMs, task);
  }

  appended(room: string): void {
    for (const connection of this.#connections) connection.feed(room);
  }

  ended(connection: ModelConnection): void {
    this.#connections.delete(connection);
  }
}

/** One room's log and producers, by rule 3 word for word. */
export class ModelRoom {
  readonly log: Message[] = [];
  /** The newest seq of each identity and producer. */
  readonly lastSeqs = new Map<string, number>();
  /** Producers of which at least one ack has reached its client. */
  readonly ackedProducers = new Set<string>();
  readonly forgotten = new Set<string>();

  get head(): number {
    return this.log.at(-1)?.offset ?? 0;
  }

  publish(from: string, producer: string, frame: PublishFrame, step: number): object {
    const { room, seq, body, re } = frame;
    const who = `${from}/${producer}`;
    const known = this.lastSeqs.get(who);
    const last = known ?? 0;
    const afterSeq = frame.afterSeq ?? seq - 1;
    if (seq <= last) {
      const offset = this.log.find((each) => each.producer === producer && each.seq === seq)?.offset;
      return { type: "ack", room, seq, duplicate: true, ...(seq === last ? { offset } : {}) };
    }
    const refused = { type: "refused", room, seq, message: "no" };
    if (known === undefined && afterSeq > 0) return { ...refused, code: "unknown-producer" };
    if (last < afterSeq) return { ...refused, code: "out-of-order", expected: last + 1 };
    const offset = this.head + step;
    this.log.push({ offset, from, producer, seq, at: 0, body, ...(re === undefined ? {} : { re }) });
    this.lastSeqs.set(who, seq);
    return { type: "ack", room, seq, offset };
  }
}

const TEMPORARY = ["rate-limited", "unavailable", "draining", "internal"];

class ModelConnection {
  readonly nearEnd: TransportConnection;
  readonly #server: ModelServer;
  readonly #identity: string;
  readonly #listener: TransportListener;
  #producer = "";
  /** The cursor that the server keeps for each subscription while the connection lives. */
  readonly #cursors = new Map<string, number>();
  /** The server's end is gone: it takes and feeds nothing more. */
  #isEnded = false;
  /** The client hears nothing more: it closed, was told of the end, or the line fell silent. */
  #isUnheard = false;
  #isCut = false;
  #upMs = 0;
  #downMs = 0;

  constructor(server: ModelServer, identity: string, listener: TransportListener) {
    this.#server = server;
    this.#identity = identity;
    this.#listener = listener;
    this.nearEnd = {
      send: (text) => this.#up(() => this.#take(text)),
      // What was sent before still arrives.
      close: () => {
        this.#isUnheard = true;
        this.#up(() => this.#end());
      },
    };
    this.#down(() => {
      if (this.#server.mishap("refused to connect", 0.1)) this.#cut();
      else {
        for (const text of this.#listener.opening()) this.nearEnd.send(text);
        this.#listener.onOpen();
      }
    });
  }

  /** Sends a subscription what it has not got yet. */
  feed(name: string): void {
    const cursor = this.#cursors.get(name);
    if (cursor === undefined) return;
    const fresh = this.#server.room(name).log.filter((message) => message.offset > cursor);
    if (fresh.length === 0) return;
    const messages = fresh.slice(0, this.#server.draw(1, 5));
    const newest = messages.at(-1)?.offset ?? cursor;
    this.#cursors.set(name, newest);
    const frame = { type: "messages", room: name, after: cursor, messages };
    if (!this.#server.mishap("lost a messages frame", 0.02)) this.#say(frame);
    if (this.#server.mishap("sent a messages frame twice", 0.02)) this.#say(frame);
    // Anew from where it is, or from further back: the client has to sort out what comes again.
    if (this.#server.mishap("restarted a chain", 0.03)) {
      this.#restart(name, Math.max(0, newest - this.#server.draw(0, 9)));
    }
    this.feed(name);
  }

  #take(text: string): void {
    if (this.#isEnded || this.#fails()) return;
    const frame = JSON.parse(text) as ClientFrame;
    switch (frame.type) {
      case "hello":
        this.#producer = frame.producer;
        this.#say({
          type: "welcome",
          version: 1,
          identity: this.#identity,
          now: 0,
          heartbeatMs: 2_000,
          expiresInMs: null,
          limits: { maxInFlight: 7 },
        });
        return this.#heartbeat();
      case "subscribe":
        return this.#subscribe(frame);
      case "unsubscribe":
        this.#cursors.delete(frame.room);
        return;
      case "publish":
        this.#say(this.#publish(frame));
        return this.#server.appended(frame.room);
      case "history":
        return this.#history(frame);
      case "ping":
        return this.#say({ type: "pong" });
      default:
        return;
    }
  }

  #subscribe({ room, after, last }: SubscribeFrame): void {
    // The feed begins with the answer, which may come later than answers to what follows.
    this.#cursors.delete(room);
    if (this.#server.mishap("refused a subscribe", 0.1)) {
      const code = TEMPORARY[this.#server.draw(0, 3)];
      return this.#say({ type: "error", to: "subscribe", room, code, message: "later", retryAfterMs: 30 });
    }
    const start = after ?? this.#server.room(room).log.at(-1 - (last ?? 0))?.offset ?? 0;
    this.#server.later(this.#server.draw(0, 15), () => {
      if (this.#isEnded) return;
      this.#restart(room, start);
      this.feed(room);
    });
  }

  #history({ id, room, before, limit }: HistoryFrame): void {
    const older = this.#server.room(room).log.filter((message) => message.offset < (before ?? Infinity));
    // Short pages, so that reading on is exercised.
    const messages = older.slice(-Math.min(limit ?? 50, 4));
    const more = messages.length < older.length;
    this.#say({ type: "history", id, room, epoch: "e1", earliest: 1, messages, more });
  }

  #publish(frame: PublishFrame): object {
    const room = this.#server.room(frame.room);
    const refused = { type: "refused", room: frame.room, seq: frame.seq };
    if ((frame.body as { bad?: boolean }).bad === true) {
      return { ...refused, code: "forbidden", message: "never" };
    }
    const who = `${this.#identity}/${this.#producer}`;
    // Never twice: rule 3 has a producer remembered for 7 days after its last use, and whoever is
    // forgotten again before its first new ack reached it can't be protected by anything.
    const { forgetsProducers } = this.#server;
    const mayForget = forgetsProducers && room.ackedProducers.has(who) && !room.forgotten.has(who);
    if (mayForget && this.#server.mishap("forgot a producer", 0.05)) {
      room.forgotten.add(who);
      room.lastSeqs.delete(who);
    }
    if (this.#server.mishap("refused a publish", 0.1)) {
      const code = TEMPORARY[this.#server.draw(0, 3)];
      return { ...refused, code, message: "later", retryAfterMs: this.#server.draw(1, 60) };
    }
    return room.publish(this.#identity, this.#producer, frame, this.#server.draw(1, 3));
  }

  #restart(room: string, after: number): void {
    this.#cursors.set(room, after);
    const { head } = this.#server.room(room);
    this.#say({ type: "subscribed", room, epoch: "e1", after, head, earliest: 1, lost: null, skipped: null });
  }

  #say(frame: object): void {
    if (this.#isEnded || this.#fails()) return;
    this.#down(() => {
      if (this.#fails()) return;
      if ("type" in frame && frame.type === "ack" && "room" in frame) {
        this.#server.room(String(frame.room)).ackedProducers.add(`${this.#identity}/${this.#producer}`);
      }
      this.#listener.onText(JSON.stringify(frame));
    });
  }

  #heartbeat(): void {
    this.#server.later(1_500, () => {
      if (this.#isEnded || this.#isUnheard) return;
      this.#say({ type: "ping" });
      this.#heartbeat();
    });
  }

  /** The network may fail at every frame; true where this one is lost with it. */
  #fails(): boolean {
    if (this.#server.mishap("cut", 0.02)) {
      this.#cut();
      return true;
    }
    if (!this.#server.mishap("went silent", 0.004)) return false;
    // Half-open: what the client sends still arrives for a while, and only its own watch ends this.
    this.#isUnheard = true;
    this.#server.later(this.#server.draw(10, 3_000), () => this.#end());
    return true;
  }

  #cut(): void {
    this.#end();
    // What is under way to the client is lost; the end itself is told, unless the line is silent.
    this.#isCut = true;
    this.#server.later(this.#server.draw(1, 30), () => {
      if (this.#isUnheard) return;
      this.#isUnheard = true;
      this.#listener.onClose({ code: 1006, reason: "" });
    });
  }

  #end(): void {
    this.#isEnded = true;
    this.#cursors.clear();
    this.#server.ended(this);
  }

  /** Runs `task` after a random delay, but not before what went the same way earlier. */
  #up(task: () => void): void {
    this.#upMs = Math.max(this.#upMs, this.#server.nowMs + this.#server.draw(1, 12));
    this.#server.later(this.#upMs - this.#server.nowMs, task);
  }

  #down(task: () => void): void {
    this.#downMs = Math.max(this.#downMs, this.#server.nowMs + this.#server.draw(1, 12));
    this.#server.later(this.#downMs - this.#server.nowMs, () => {
      if (!this.#isUnheard && !this.#isCut) task();
    });
  }
}
