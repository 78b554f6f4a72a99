import type { ServerFrame, SubscribeFrame, WelcomeFrame } from "@parlor/protocol";
import { noteAsks } from "../asks.ts";
import type { ParlorClient } from "../client.ts";
import type { CoreExtra } from "../core-parts.ts";
import type { ConnectionState } from "../connection-state.ts";
import type { TransportClose, TransportKind } from "../transports/transport.ts";
import { HubAnswers } from "./hub-answers.ts";
import { HubMember, type Hello } from "./hub-member.ts";
import { HubRoom, type AskedFor } from "./hub-room.ts";
import type { WakeSource } from "../wake.ts";
import { failureOf, Reading } from "./reading.ts";
import type { HubPort, TabMessage } from "./words.ts";

/** What the hub itself is: a client, made when the first tab comes, and for who comes first. */
export type MakeHubClient = (base: string, hello: Hello, wake: WakeSource) => ParlorClient;

/** Frames of a tab that wait for the welcome. */
const MAX_EARLY = 1_024;
/** Tabs whose profiles are known; one that did not come for longer than so many others is as new. */
const MAX_PROFILES = 1_000;

/**
 * The one connection of a browser's tabs. To each tab it is what a server is to a client, frame for frame, so a tab
 * is a whole client, with its own cursors and its own outbox, and what becomes of the hub is to it a connection that
 * was lost: it comes back, here or elsewhere, and goes on. To the server the hub is one client.
 *
 * Owns:     who is here, and which frame goes where.
 * Leaves:   the connection and its returns (a `ParlorClient`), each tab's place in a room (reading.ts).
 * Must not: answer for the server what it has not said: acks come from it alone.
 */
export class Hub implements CoreExtra {
  readonly #make: MakeHubClient;
  #client: ParlorClient | null = null;
  #key: string | undefined;
  #welcome: WelcomeFrame | null = null;
  #transport: TransportKind = "websocket";
  readonly #members = new Map<HubPort, HubMember>();
  readonly #rooms = new Map<string, HubRoom>();
  readonly #answers = new HubAnswers((text) => this.#send(text));
  /** The profile that each tab came with last, by its producer: its next connection may come over another port. */
  readonly #profiles = new Map<string, string>();
  #livedAtMs = 0;
  /** What goes up at the end of the client's step. */
  #outgoing: string[] = [];
  #isInStep = false;

  constructor(make: MakeHubClient) {
    this.#make = make;
  }

  /** Something under way would be lost with the connection. */
  get isBusy(): boolean {
    return this.#answers.hasRequests;
  }

  take(port: HubPort, message: TabMessage): void;
  take(frame: ServerFrame): boolean;
  take(first: HubPort | ServerFrame, message?: TabMessage): boolean {
    if (message === undefined) {
      this.#isInStep = true;
      return this.#takeFrame(first as ServerFrame);
    }
    this.#takeMessage(first as HubPort, message);
    return true;
  }

  /** At the end of each step of the client: whoever lives by this connection hears that it lives. */
  pump(): void {
    this.#isInStep = false;
    const { connection, turn } = this.#client?.shell.core ?? {};
    if (connection?.phase !== "welcomed" || turn === undefined || this.#welcome === null) return;
    for (const text of this.#outgoing.splice(0)) turn.send(text);
    const { nowMs } = turn.inputs;
    if (nowMs - this.#livedAtMs < this.#welcome.heartbeatMs / 2) return;
    this.#livedAtMs = nowMs;
    for (const member of this.#members.values()) {
      if (member.isLost) this.#dropLater(member);
      else if (member.isWelcomed) member.live();
    }
  }

  unlink(): void {
    this.#outgoing = [];
    this.#answers.clear();
  }

  /** Every tab's connection ends, with that word, and the hub's own. */
  close(close: TransportClose = { code: 1001, reason: "" }): void {
    for (const member of [...this.#members.values()]) this.#drop(member, close);
    this.#end();
  }

  #takeMessage(port: HubPort, message: TabMessage): void {
    if (message.kind === "open") return this.#open(port, message);
    const member = this.#members.get(port);
    if (member?.connection !== message.connection) return;
    switch (message.kind) {
      case "close":
        return this.#drop(member);
      case "taken":
        return member.taken(message.characters);
      case "send":
        if (member.isWelcomed) return this.#sent(member, message.text);
        if (member.early.push(message.text) > MAX_EARLY) this.#drop(member, SLOW);
    }
  }

  #open(port: HubPort, { connection, base, opening, isHidden }: TabMessage & { kind: "open" }): void {
    const before = this.#members.get(port);
    if (before !== undefined) this.#drop(before, undefined, true);
    const [first = "{}", ...questions] = opening;
    const hello = JSON.parse(first) as Hello;
    const member = new HubMember(port, { connection, isHidden }, hello, questions);
    // Who somebody is that has a token the server alone can say, and it says it of one connection.
    const isOther = hello.token !== undefined || (this.#client !== null && this.#key !== hello.key);
    if (isOther) return member.post({ kind: "declined" });
    this.#members.set(port, member);
    member.post({ kind: "here" });
    const client = this.#client ?? this.#begin(base, hello);
    const { connection: link } = client.shell.core;
    if (this.#isOtherProfile(hello)) {
      client.shell.core.profile = hello.profile;
      // What the others know of one is told at the beginning of a connection.
      if (link.phase !== "down") return client.shell.step(() => link.breakOff("The profile is another."));
    }
    if (this.#welcome !== null) this.#admit(member, this.#welcome);
    else client.shell.step(() => (link.phase === "down" ? link.wake(true) : undefined));
  }

  #begin(base: string, hello: Hello): ParlorClient {
    const hub = this;
    const wake: WakeSource = {
      // Tabs that wake say so: each asks whether its connection lives.
      listen: () => () => undefined,
      isOffline: false,
      get isHidden() {
        return [...hub.#members.values()].every(({ isHidden }) => isHidden);
      },
    };
    const client = this.#make(base, hello, wake);
    this.#client = client;
    this.#key = hello.key;
    client.shell.core.extras.unshift(this);
    client.on("state", (state) => this.#follow(client, state));
    return client;
  }

  /** Whether a tab that was here shows itself otherwise now. Who comes new is shown as the one before. */
  #isOtherProfile({ producer, profile }: Hello): boolean {
    const text = JSON.stringify(profile ?? null);
    const before = this.#profiles.get(producer);
    this.#profiles.delete(producer);
    this.#profiles.set(producer, text);
    const [oldest = ""] = this.#profiles.keys();
    if (this.#profiles.size > MAX_PROFILES) this.#profiles.delete(oldest);
    return before !== undefined && before !== text;
  }

  #follow(client: ParlorClient, state: ConnectionState): void {
    if (client !== this.#client || (state.kind !== "waiting" && state.kind !== "closed")) return;
    this.#welcome = null;
    // Who waited for it is gone by now.
    if (this.#members.size === 0) return this.#end();
    const { kind } = state;
    const close: TransportClose =
      kind === "closed"
        ? { code: 1006, reason: "", refusal: { code: state.code, message: state.message } }
        : { code: 1006, reason: "", wait: { message: state.reason, retryAfterMs: state.retryInMs } };
    for (const member of [...this.#members.values()]) this.#drop(member, close, true);
  }

  #admit(member: HubMember, welcome: WelcomeFrame): void {
    if (welcome.producers !== true) {
      member.post({ kind: "declined" });
      return this.#drop(member);
    }
    member.isWelcomed = true;
    member.say(JSON.stringify(welcome), this.#transport);
    for (const text of member.early.splice(0)) this.#sent(member, text);
  }

  /** @param staysOpen The hub's own connection, though nobody may be left. */
  #drop(member: HubMember, close?: TransportClose, staysOpen = false): void {
    member.end(close);
    if (this.#members.get(member.port) === member) this.#members.delete(member.port);
    for (const room of [...this.#rooms.keys()]) this.#leave(member, room);
    if (this.#members.size === 0 && !staysOpen) this.#end();
  }

  #end(): void {
    const client = this.#client;
    this.#client = null;
    this.#welcome = null;
    client?.close();
  }

  #sent(member: HubMember, text: string): void {
    const frame = JSON.parse(text) as { readonly type: string; readonly room: string; readonly id: number };
    switch (frame.type) {
      case "subscribe":
        return this.#subscribe(member, frame as unknown as SubscribeFrame);
      case "unsubscribe":
        this.#leave(member, frame.room);
        return member.say(JSON.stringify({ type: "unsubscribed", room: frame.room }), this.#transport);
      case "publish":
        return this.#send(`${text.slice(0, -1)},"producer":${JSON.stringify(member.hello.producer)}}`);
      case "history":
      case "request":
        return this.#answers.ask(member, frame.type, frame.id, frame);
      case "set":
        if (frame.id === undefined) return this.#send(text);
        return this.#answers.ask(member, frame.type, frame.id, frame);
      case "ping":
        // It woke, or came into another network, and so did the hub.
        this.#client?.shell.step(() => this.#client?.shell.core.connection.wake());
        return member.say(JSON.stringify({ type: "pong" }), this.#transport);
      case "pong":
        return;
      case "signal": {
        const { body } = frame as unknown as { readonly body: unknown };
        this.#spread(
          frame.room,
          "signals",
          { type: "signal", room: frame.room, from: this.#welcome?.identity ?? "", body },
          member,
        );
        return this.#send(text);
      }
      default:
        return this.#send(text);
    }
  }

  #subscribe(member: HubMember, question: SubscribeFrame): void {
    const client = this.#client;
    if (client === null) return;
    const { room: name } = question;
    let room = this.#rooms.get(name);
    if (room === undefined) {
      room = new HubRoom(client.room(name), ({ code, message }) => this.#endRoom(name, code, message));
      this.#rooms.set(name, room);
    }
    const { isKnown } = room;
    room.join(member, question);
    const reader = member.reader(name, () => this.#transport);
    new Reading(room.room, reader, question).run(isKnown).catch((error: unknown) => {
      if (reader.isGone.aborted) return;
      const { code, message } = failureOf(error);
      // Who may hear a room may still not read its history, which the hub needs where others hear it already. And
      // what has no code nobody said: a part of the hub's own can't be loaded, perhaps, now or later.
      if (code === "forbidden" || !hasCode(error)) {
        member.post({ kind: "declined" });
        return this.#drop(member);
      }
      // It could not be read to the end; the tab asks again, from where it is by then.
      member.say(
        JSON.stringify({ type: "error", to: "subscribe", room: name, code, message }),
        this.#transport,
      );
      this.#leave(member, name);
    });
  }

  #leave(member: HubMember, name: string): void {
    member.stopReading(name);
    const room = this.#rooms.get(name);
    if (room?.members.has(member) !== true || !room.leave(member)) return;
    this.#rooms.delete(name);
    room.end();
  }

  #endRoom(name: string, code: string, message: string): void {
    const members = [...(this.#rooms.get(name)?.members.keys() ?? [])];
    for (const member of members) {
      member.say(JSON.stringify({ type: "unsubscribed", room: name, code, message }), this.#transport);
      this.#leave(member, name);
    }
  }

  #send(text: string): void {
    this.#outgoing.push(text);
    if (!this.#isInStep) this.#client?.shell.step(() => undefined);
  }

  /** Not within a step of the client, which leaving its rooms needs. */
  #dropLater(member: HubMember): void {
    queueMicrotask(() => this.#drop(member, SLOW));
  }

  #takeFrame(frame: ServerFrame): boolean {
    switch (frame.type) {
      case "welcome":
        // The client takes it first: those who are let in by it may ask at once.
        queueMicrotask(() => this.#welcomed(frame));
        return false;
      case "ack":
      case "refused":
        return this.#answerPublish(frame);
      case "signal":
      case "signals":
        return this.#spread(frame.room, "signals", frame);
      case "presence":
      case "state":
        {
          const cursor = this.#client?.shell.core.cursor(frame.room);
          if (cursor !== undefined) noteAsks(cursor, { [frame.type]: frame.version });
        }
        return this.#spread(frame.room, frame.type, frame);
      case "bye":
        for (const member of this.#members.values())
          if (member.isWelcomed) member.say(JSON.stringify(frame), this.#transport);
        return false;
      case "error":
        return frame.to === "publish" ? this.#answerPublish(frame) : this.#answer(frame);
      default:
        return this.#answer(frame);
    }
  }

  #answer(frame: ServerFrame): boolean {
    const answer = this.#answers.take(frame);
    answer?.member.say(JSON.stringify(answer.frame), this.#transport);
    return answer !== null;
  }

  #welcomed(welcome: WelcomeFrame): void {
    const { state } = this.#client ?? {};
    if (state?.kind !== "open") return;
    this.#transport = state.transport;
    // Another connection has taken the place of the one so far: what was under way on that one is sent again.
    const isOther = this.#welcome !== null;
    this.#welcome = welcome;
    this.#livedAtMs = 0;
    for (const member of [...this.#members.values()]) {
      if (!isOther || !member.isWelcomed) this.#admit(member, welcome);
      else
        this.#drop(
          member,
          { code: 1006, reason: "", wait: { message: "Another transport is used.", retryAfterMs: 0 } },
          true,
        );
    }
  }

  #answerPublish(frame: ServerFrame): boolean {
    const { producer } = frame as { readonly producer?: string };
    for (const member of this.#members.values())
      if (member.hello.producer === producer) member.say(JSON.stringify(frame), this.#transport);
    return true;
  }

  #spread(name: string, what: AskedFor, frame: ServerFrame, besides?: HubMember): boolean {
    const room = this.#rooms.get(name);
    const isWhole = "full" in frame && frame.full === true;
    for (const member of room?.takers(what, isWhole) ?? []) {
      if (member === besides || (what === "signals" && member.isBehind)) continue;
      if (member.isLost) this.#dropLater(member);
      else member.say(JSON.stringify(frame), this.#transport);
    }
    return true;
  }
}

function hasCode(error: unknown): boolean {
  return typeof (error as { readonly code?: unknown } | null)?.code === "string";
}

const SLOW: TransportClose = { code: 4001, reason: "slow" };
