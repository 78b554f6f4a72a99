import {
  encodeFrame,
  isErrorCode,
  type DecodedClientFrame,
  type HelloFrame,
  type HistoryFrame,
  type RequestFrame,
  type ServerFrame,
  type SubscribeFrame,
} from "@parlor/protocol";
import type { EncodedBatch } from "../room/encoded-batch.ts";
import type { StartPosition, StartRequest } from "../room/start-position.ts";
import type { Subscription, SubscriptionSink } from "../room/subscription.ts";
import { addressGroup } from "./address-group.ts";
import { askAuthorize } from "./ask-hooks.ts";
import { type Connection, isFrameText } from "./connection.ts";
import { Desks, type PreparedDesks } from "./desks.ts";
import { historyAnswer } from "./history-answer.ts";
import type { Action, Refusal } from "./hooks.ts";
import { identify } from "./identify.ts";
import { PublishLane } from "./publish-lane.ts";
import type { PublishOutcome, PublishRequest } from "./publish-gate.ts";
import { RequestLane } from "./request-lane.ts";
import { newSession, stepSession, type SessionEffect, type SessionEvent, type Who } from "./session-core.ts";
import { refusalOf } from "./refusal-of.ts";
import type { Services } from "./services.ts";
import { welcomeFrame } from "./welcome-frame.ts";

/**
 * One connection of the full protocol: runs the session core against real hooks, rooms and the log.
 * It holds nothing that must outlive the connection; a client that comes back brings its own cursors.
 */
export class Session implements SubscriptionSink {
  readonly #connection: Connection;
  readonly #services: Services;
  readonly #state;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Most connections never publish: what a publish needs is made at the first one. */
  #publishing: PublishLane | null = null;
  readonly #desks: Desks;
  /** And what a request needs at the first of those. */
  #requests: RequestLane | null = null;
  #waitingForDrain: (() => void)[] | null = null;
  #drains = 0;
  #hasPongedApart = false;
  #isClosed = false;

  constructor(connection: Connection, services: Services) {
    this.#connection = connection;
    this.#services = services;
    this.#state = newSession(services.limits);
    const send = (frame: ServerFrame): void => this.#run({ kind: "send", frame });
    this.#desks = new Desks({ connection, services, state: this.#state, send });
  }

  /** A hook that takes its time over a `hello` has a deadline of its own. */
  get hasSaidHello(): boolean {
    return this.#state.phase !== "new";
  }

  get identity(): string | null {
    return this.#state.who?.identity ?? null;
  }

  /** ms since 1970; null where it has no end. */
  get expiresAt(): number | null {
    return this.#state.who?.expiresAt ?? null;
  }

  /** One frame from the peer, as it came, and what was read of it where its transport has done so. */
  take(received: string | Uint8Array, decoded?: DecodedClientFrame): void {
    this.#step({ kind: "frame", frame: decoded ?? received.toString(), size: received.length });
  }

  /** The token's time is over. */
  expire(): void {
    this.#step({ kind: "expired" });
  }

  /**
   * Asks again whether what is subscribed to may still be read; all rooms, or one. A subscription that is only
   * being opened is asked about too: the hook may have said yes before the right was withdrawn.
   */
  recheck(room?: string): void {
    const { subscriptions } = this.#state;
    for (const name of room === undefined ? [...subscriptions.keys()] : [room]) {
      if (subscriptions.has(name)) this.#recheckRoom(name);
    }
  }

  /** The send buffer takes more again. */
  drained(): void {
    // Each time another one first: the first may fill the buffer again, and none shall starve behind it.
    const subscriptions = [...this.#subscriptions.values()];
    const first = subscriptions.length > 1 ? this.#drains++ % subscriptions.length : 0;
    for (const subscription of subscriptions.slice(first)) subscription.drained();
    for (const subscription of subscriptions.slice(0, first)) subscription.drained();
    this.#desks.drained();
    const waiting = this.#waitingForDrain;
    this.#waitingForDrain = null;
    if (waiting !== null) for (const task of waiting) task();
  }

  /** State is taken again, whatever else is not. */
  takesState(): void {
    this.#desks.takesState();
  }

  /** The connection is gone. Appends that the log has accepted are finished by the log. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#state.phase = "closed";
    this.#waitingForDrain = null;
    this.#requests?.closed();
    this.#desks.leaveMarks();
    for (const room of [...this.#subscriptions.keys()]) this.#closeSubscription(room);
    this.#desks.closed();
  }

  // What rooms say to this connection.

  subscribed(room: string, start: StartPosition): void {
    if (start.lost !== null) this.#services.counters.lost += 1;
    this.#connection.send(encodeFrame({ type: "subscribed", room, ...start }));
  }

  get isWritable(): boolean {
    return this.#connection.isWritable;
  }

  deliver(batch: EncodedBatch): boolean {
    return this.#connection.deliver(batch);
  }

  ended(room: string, message: string): void {
    this.#step({ kind: "subscription-ended", room, refusal: { code: "forbidden", message } });
  }

  #step(event: SessionEvent): void {
    for (const effect of stepSession(this.#state, event)) this.#run(effect);
  }

  #run(effect: SessionEffect): void {
    switch (effect.kind) {
      case "send":
        if (isFrameText(effect.frame)) this.#connection.send(effect.frame);
        else {
          this.#countRefusal(effect.frame);
          this.#connection.send(encodeFrame(effect.frame));
        }
        return;
      case "authenticate":
        this.#authenticate(effect.hello, effect.token);
        return;
      case "welcome":
        this.#welcome(effect.who);
        return;
      case "authorize": {
        const settle = (refusal: Refusal | null): void =>
          this.#step({ kind: "authorized", ticket: effect.ticket, refusal });
        this.#authorize(effect.action, effect.room, settle);
        return;
      }
      case "publish":
        (this.#publishing ??= this.#openLane()).submit(effect.request, effect.fault);
        return;
      case "open-subscription":
        void this.#openSubscription(effect.frame, effect.generation);
        return;
      case "close-subscription":
        this.#closeSubscription(effect.room);
        return;
      case "read-history":
        this.#whenWritable(
          () =>
            void this.#services.pages.take(this.#connection.address, () => this.#readHistory(effect.frame)),
        );
        return;
      case "set":
        this.#desks.states.set(effect.frame);
        return;
      case "signal":
        this.#desks.signals.take(effect.frame);
        return;
      case "run-request":
        this.#whenWritable(() => void this.#runRequest(effect.frame));
        return;
      case "ponged":
        // Of a request it can only be the stream's of the same producer.
        if (this.#connection.isOneRequest === true) this.#pongedApart();
        else this.#desks.ponged();
        return;
      case "pause-reading":
        this.#services.counters.readingPaused.hello += 1;
        this.#connection.pauseReading();
        return;
      case "resume-reading":
        this.#connection.resumeReading();
        return;
      case "recheck":
        for (const room of effect.rooms) this.#recheckRoom(room);
        return;
      case "close":
        this.#connection.close(effect.reason, CLOSE_WORDS[effect.reason]);
    }
  }

  #authenticate(hello: HelloFrame | null, token: string | null): void {
    const isRenewal = hello === null;
    const settle = (who: Who | Refusal): void => this.#step({ kind: "authenticated", who, isRenewal });
    const { authenticate } = this.#services;
    if (authenticate === null && isRenewal) {
      // Nobody judges tokens here, so a fresh one changes nothing.
      return settle(this.#state.who as Who);
    }
    const key = hello?.key ?? null;
    if (authenticate === null && key === null)
      return settle({ code: "bad-frame", message: "`key` is missing." });
    const { address, headers } = this.#connection;
    const answer = identify({ key, token, headers: headers ?? {}, address }, this.#services);
    if (answer instanceof Promise) void answer.then(settle);
    else settle(answer);
  }

  #openLane(): PublishLane {
    const { who, producer } = this.#state;
    const speaker = {
      identity: who?.identity ?? "",
      producer,
      address: this.#connection.address,
      isAuthenticated: who?.isAuthenticated === true,
      remember: true,
    };
    return new PublishLane(speaker, this.#services, this.#connection, (request, outcome) =>
      this.#answerPublish(request, outcome),
    );
  }

  /** Once a request, however many it has: each may go to all processes. */
  #pongedApart(): void {
    if (this.#hasPongedApart || this.identity === null) return;
    this.#hasPongedApart = true;
    this.#services.pongs.came(this.identity, this.#state.producer);
  }

  #welcome(who: Who): void {
    const { clock, heartbeatMs, limits } = this.#services;
    this.#connection.trace?.welcomed(who.identity);
    this.#desks.welcomed(clock.now());
    this.#connection.send(encodeFrame(welcomeFrame(who, clock.now(), heartbeatMs, limits)));
  }

  #answerPublish({ room, seq, producer }: PublishRequest, outcome: PublishOutcome): void {
    if (this.#isClosed) return;
    if (outcome.kind === "ack") {
      const offset = outcome.offset === undefined ? "" : `,"offset":${outcome.offset}`;
      const of = producer === undefined ? "" : `,"producer":"${producer}"`;
      const duplicate = outcome.isDuplicate ? `,"duplicate":true` : "";
      this.#connection.send(
        `{"type":"ack","room":${JSON.stringify(room)},"seq":${seq}${offset}${duplicate}${of}}`,
      );
      return;
    }
    const { code, message, retryAfterMs, expected, unnamed } = outcome;
    if (unnamed !== undefined) {
      this.#run({ kind: "send", frame: { type: "error", ...unnamed, code, message } });
      return;
    }
    this.#run({
      kind: "send",
      frame: {
        type: "refused",
        room,
        seq,
        code,
        message,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(expected === undefined ? {} : { expected }),
        ...(producer === undefined ? {} : { producer }),
      },
    });
  }

  #countRefusal(frame: RefusingFrame): void {
    const asked = REFUSING[frame.type];
    const code = frame.type === "reply" ? frame.error?.code : frame.code;
    if (asked === undefined || !isErrorCode(code)) return;
    const { address, trace } = this.#connection;
    const subject = { address, identity: this.identity, connection: trace?.number };
    this.#services.events.refused(code, subject, frame.to ?? asked);
  }

  /** Calls back at once where no hook, or a synchronous one, decides. */
  #authorize(action: Action, room: string, settle: (refusal: Refusal | null) => void): void {
    const question = { identity: this.identity ?? "", action, room, address: this.#connection.address };
    const answer = askAuthorize(this.#services.authorize, question, this.#services);
    const read = (verdict: true | Refusal): void => settle(verdict === true ? null : verdict);
    if (answer instanceof Promise) void answer.then(read);
    else read(answer);
  }

  #recheckRoom(room: string): void {
    const settle = (refusal: Refusal | null): void => {
      if (refusal !== null) this.#step({ kind: "subscription-ended", room, refusal });
    };
    this.#authorize("subscribe", room, settle);
    if (this.#desks.isPresentIn(room)) this.#authorize("presence", room, settle);
  }

  async #openSubscription(frame: SubscribeFrame, generation: number): Promise<void> {
    const { rooms, isDraining } = this.#services;
    this.#closeSubscription(frame.room);
    const isWanted = (): boolean =>
      !this.#isClosed && this.#state.subscriptions.get(frame.room) === generation;
    const fail = (refusal: Refusal): void =>
      this.#step({ kind: "subscription-failed", room: frame.room, generation, refusal });
    if (isDraining)
      return fail({ code: "draining", message: "The server is stopping; come back.", retryAfterMs: 1_000 });
    try {
      const request = startRequest(frame);
      const newest = request.kind === "join" ? request.last : 0;
      const room = await rooms.acquire(frame.room, newest, addressGroup(this.#connection.address));
      let hasStarted = false;
      let desks: PreparedDesks | null = null;
      try {
        desks = await this.#desks.prepare(frame);
        if (desks.refusal !== null) return fail(desks.refusal);
        await room.subscribe(request, this, isWanted, (subscription) => {
          hasStarted = true;
          this.#subscriptions.set(frame.room, subscription);
          desks?.start();
        });
      } finally {
        if (!hasStarted) {
          rooms.release(room);
          desks?.giveUp();
        }
      }
      const { state = false } = frame;
      if (hasStarted && state !== false) await this.#desks.states.read(frame.room, state, isWanted);
    } catch (error) {
      if (isWanted()) this.#closeSubscription(frame.room);
      fail(refusalOf(error, this.#services));
    }
  }

  #closeSubscription(room: string): void {
    this.#desks.leave(room);
    const subscription = this.#subscriptions.get(room);
    if (subscription === undefined) return;
    this.#subscriptions.delete(room);
    subscription.close();
    this.#services.rooms.release(subscription.room);
  }

  /** Answers wait while the peer does not read, so that asking costs the server nothing. */
  #whenWritable(task: () => void): void {
    if (this.#connection.isWritable) task();
    else (this.#waitingForDrain ??= []).push(task);
  }

  async #runRequest(frame: RequestFrame): Promise<void> {
    if (this.#isClosed) return;
    this.#requests ??= new RequestLane(this.identity ?? "", this.#connection.address, this.#services);
    const reply = await this.#requests.run(frame);
    this.#step({ kind: "request-answered", frame: reply });
  }

  async #readHistory(frame: HistoryFrame): Promise<number> {
    // Who left while it waited for its turn is not read for.
    if (this.#isClosed) return 0;
    const answer = await historyAnswer(frame, this.#services);
    this.#step({ kind: "history-read", frame: answer });
    return isFrameText(answer) ? answer.reduce((sum, { length }) => sum + length, 0) : 0;
  }
}

/** What of a frame says whether, and of what, it is a refusal. `to` is a known frame's type. */
interface RefusingFrame {
  readonly type: string;
  readonly code?: string | undefined;
  readonly to?: string | undefined;
  readonly error?: { readonly code: string } | undefined;
}

/** Frames that can refuse, with what they refuse where they do not say it. */
const REFUSING: Readonly<Record<string, string>> = { refused: "publish", error: "frame", reply: "request" };

const CLOSE_WORDS = {
  version: "this version of the protocol is not spoken here",
  forbidden: "not allowed here",
  unauthenticated: "the token is missing, unknown or expired",
  internal: "a fault of the server",
} as const;

function startRequest(frame: SubscribeFrame): StartRequest {
  if (frame.after === undefined) return { kind: "join", last: frame.last ?? 0 };
  return { kind: "resume", epoch: frame.epoch, after: frame.after, atMost: frame.atMost };
}
