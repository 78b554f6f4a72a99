import {
  decodeServerFrame,
  DEFAULT_LIMITS,
  encodeFrame,
  PROTOCOL_VERSION,
  type Limits,
  type ReceivedFrame,
} from "@parlor/protocol";
import { Connection } from "./connection.ts";
import type { CoreExtra, CoreParts, RoomCore } from "./core-parts.ts";
import { Cursor, type Wanted } from "./cursor.ts";
import type { ClientEffect, Failure, Ticket } from "./effects.ts";
import type { HistoryAsker, HistoryQuery, HistoryRequests } from "./history-requests.ts";
import { Outbox, type OutboxLimits } from "./outbox.ts";
import type { CheckedBody } from "./publish-body.ts";
import { takeFrame } from "./server-frame.ts";
import type { TransportClose, TransportKind } from "./transports/transport.ts";
import { Turn, type StepInputs } from "./turn.ts";
import type { Upward } from "./upward-part.ts";

export type ClientEvent =
  | { readonly kind: "subscribe"; readonly room: string; readonly wanted: Wanted }
  | { readonly kind: "unsubscribe"; readonly room: string }
  | {
      readonly kind: "publish";
      readonly room: string;
      readonly ticket: Ticket;
      readonly body: CheckedBody;
      readonly re: number | undefined;
    }
  | { readonly kind: "history"; readonly ticket: Ticket; readonly query: HistoryQuery }
  /** The server has, or will get, that `opening`. */
  | { readonly kind: "opened"; readonly connection: number; readonly opening: readonly string[] }
  | {
      readonly kind: "text";
      readonly connection: number;
      readonly text: ReceivedFrame;
      readonly transport: TransportKind;
    }
  /** Another connection, which began with that `opening` and was answered by `text`, is in its place. */
  | {
      readonly kind: "takenOver";
      readonly connection: number;
      readonly opening: readonly string[];
      readonly text: ReceivedFrame;
      readonly transport: TransportKind;
    }
  /** The server showed life without a frame. */
  | { readonly kind: "life"; readonly connection: number }
  | { readonly kind: "closed"; readonly connection: number; readonly close: TransportClose }
  /** The connection could not be prepared. */
  | { readonly kind: "fault"; readonly connection: number; readonly reason: string }
  | { readonly kind: "timer"; readonly name: string }
  /** What was to be loaded; or the reason why it can't be. */
  | { readonly kind: "loaded"; readonly upward: Upward | string }
  /** Something that one of `extras` does. */
  | { readonly kind: "extra"; readonly act: () => void }
  | { readonly kind: "wake" }
  | { readonly kind: "reconnect" }
  /** For good. */
  | { readonly kind: "release" };

export interface CoreSettings {
  readonly producer: string;
  readonly profile: Readonly<Record<string, unknown>> | undefined;
  readonly outbox: OutboxLimits;
  /** Where it is loaded already. */
  readonly upward: Upward | null;
}

/** Pages that may be asked for before what asks for them is loaded. */
const MAX_EARLY = 256;

/**
 * The client as one step: what the application, the transport and the timers say goes in, what is to be
 * done comes out. No socket, no clock, no randomness and no storage is touched here, so one seed replays
 * a whole client.
 *
 * Owns:     which part hears of what, and what a new or lost link means for all of them.
 * Leaves:   the link's life (connection.ts), one room's cursor (cursor.ts) and outbox (outbox.ts), pages
 *           of history (history-requests.ts), and doing the effects (client-shell.ts).
 */
export class ClientCore implements CoreParts {
  readonly connection: Connection;
  history: HistoryRequests | null = null;
  readonly rooms = new Map<string, RoomCore>();
  readonly turn = new Turn();
  readonly extras: CoreExtra[] = [];
  /** Who the server took this client to be at the last welcome. */
  identity: string | null = null;
  /** The defaults, until a welcome tells the server's. */
  limits: Limits = DEFAULT_LIMITS;
  /** What the next hello says of this client. */
  profile: CoreSettings["profile"];
  readonly #settings: CoreSettings;
  #upward: Upward | null;
  /** Questions for pages that wait for it. */
  #early: { readonly query: HistoryQuery; readonly asker: HistoryAsker }[] = [];
  #loading: "no" | "yes" | "failed" = "no";

  constructor(settings: CoreSettings) {
    this.#settings = settings;
    this.profile = settings.profile;
    this.#upward = settings.upward;
    this.connection = new Connection(this.turn);
  }

  /**
   * What a connection begins with: hello, and what this client wants to hear right behind it, without
   * waiting for the welcome. That saves a round trip at every return, and none of it can harm if the
   * hello is refused. Asking changes nothing: what was handed over, `opened` tells.
   */
  opening(key: string, token: string | undefined): readonly string[] {
    const { profile } = this;
    const { producer } = this.#settings;
    const questions = [...this.rooms.values()].flatMap(({ cursor }) => cursor.question ?? []);
    const hello = { type: "hello", version: PROTOCOL_VERSION, key, producer, token, profile } as const;
    return [encodeFrame(hello), ...questions];
  }

  step(event: ClientEvent, inputs: StepInputs): readonly ClientEffect[] {
    const { turn, connection } = this;
    turn.begin(inputs);
    if ("connection" in event && event.connection !== connection.number) return [];
    const wasLinked = connection.isLinked;
    const { state: before } = connection;
    this.#take(event);
    if (wasLinked && !connection.isLinked) this.#unlink();
    const { state } = connection;
    if (state.kind === "closed" && state !== before) this.#end(state);
    for (const extra of this.extras) extra.pump();
    this.#pump();
    return turn.effects;
  }

  #take(event: ClientEvent): void {
    const { connection } = this;
    switch (event.kind) {
      case "subscribe":
        return this.#subscribe(event.room, event.wanted);
      case "unsubscribe":
        return this.#room(event.room).cursor.unsubscribe(connection.isLinked);
      case "publish":
        return this.#publish(event);
      case "history":
        return this.#history(event.query, event.ticket);
      case "opened":
        return this.#opened(event.opening);
      case "text":
        return this.#takeText(event.text, event.transport);
      case "takenOver":
        // To all that travels it is a lost connection and a new one, and no time between them.
        this.#unlink();
        this.#opened(event.opening);
        return this.#takeText(event.text, event.transport);
      case "life":
        return connection.heard();
      case "closed":
        return connection.closed(event.close);
      case "fault":
        // It may have been given up, or the client closed, while it was being prepared.
        if (connection.phase === "opening") connection.breakOff(event.reason);
        return;
      case "loaded":
        return this.#loaded(event.upward);
      case "extra":
        return event.act();
      case "timer":
        return this.#takeTimer(event.name);
      case "wake":
      case "reconnect":
      case "release":
        return connection[event.kind]();
    }
  }

  #room(name: string): RoomCore {
    let room = this.rooms.get(name);
    if (room === undefined) {
      const { producer, outbox } = this.#settings;
      const cursor = new Cursor(name, this.turn);
      room = { cursor, outbox: new Outbox(name, producer, outbox, this.turn), sender: null, epoch: "" };
      this.rooms.set(name, room);
    }
    return room;
  }

  #subscribe(room: string, wanted: Wanted): void {
    const { state, isReleased, isLinked } = this.connection;
    if (isReleased && state.kind === "closed") {
      return this.turn.tell(room, { name: "unsubscribed", value: state });
    }
    this.#room(room).cursor.subscribe(wanted, isLinked);
    this.connection.want();
  }

  #publish({ room, ticket, body, re }: ClientEvent & { kind: "publish" }): void {
    const { state } = this.connection;
    if (state.kind === "closed") {
      return this.turn.settle(ticket, { failure: state });
    }
    this.#room(room).outbox.add(ticket, body, re);
    this.connection.want();
  }

  #history(query: HistoryQuery, ticket: Ticket): void {
    const { state } = this.connection;
    const asker: HistoryAsker = {
      page: (value) => this.turn.settle(ticket, { value }),
      fail: (failure) => this.turn.settle(ticket, { failure }),
    };
    if (state.kind === "closed") return asker.fail(state, false);
    if (this.#upward !== null) this.#ask(query, asker, this.#upward);
    else if (this.#early.length < MAX_EARLY) this.#early.push({ query, asker });
    else asker.fail({ code: "unavailable", message: "Too many pages are asked for." }, true);
    this.connection.want();
  }

  #ask(query: HistoryQuery, asker: HistoryAsker, { HistoryRequests }: Upward): void {
    (this.history ??= new HistoryRequests(this.turn)).add(query, asker);
  }

  #loaded(upward: Upward | string): void {
    if (typeof upward !== "string") {
      this.#upward = upward;
      for (const { query, asker } of this.#early.splice(0)) this.#ask(query, asker, upward);
      return;
    }
    this.#loading = "failed";
    // Without a connection it is no wonder, and tried again behind the next welcome.
    if (this.connection.phase !== "welcomed") return;
    this.#end({ code: "unavailable", message: `A part of the client could not be loaded: ${upward}.` });
  }

  /** Whether what publishes and asks is to be loaded: somebody waits for it, or all that was missed is here. */
  #needsUpward(): boolean {
    const rooms = [...this.rooms.values()];
    const isWaited = this.#early.length > 0 || rooms.some(({ outbox }) => outbox.items.length > 0);
    if (this.#loading === "failed") return isWaited && this.connection.phase === "welcomed";
    const isIdle = rooms.some(({ cursor: { position, head } }) => head !== null && head === position?.offset);
    return this.#loading === "no" && (isWaited || isIdle);
  }

  /** Between the asking for an opening and its handing over the application may have thought again. */
  #opened(opening: readonly string[]): void {
    this.connection.opened();
    for (const { cursor } of this.rooms.values()) cursor.opened(opening);
  }

  #takeText(text: ReceivedFrame, transport: TransportKind): void {
    this.connection.heard();
    const decoded = decodeServerFrame(text);
    if (decoded.ok) return takeFrame(this, decoded.frame, transport);
    // A frame of a later version is for later clients. Anything else that is no frame makes all that
    // follows doubtful; a new connection asks again from the cursors.
    if (decoded.unknownType !== null) return;
    this.connection.breakOff(`What came is not the protocol: ${decoded.fault}`);
  }

  #takeTimer(name: string): void {
    const room = this.rooms.get(name.slice(name.indexOf("/") + 1));
    if (name === room?.cursor.timer) room.cursor.resume();
    else if (name === room?.sender?.timer) room.sender.retry();
    else this.connection.timer();
  }

  #unlink(): void {
    this.history?.unlink();
    for (const { cursor, sender } of this.rooms.values()) {
      cursor.unlink();
      sender?.unlink();
    }
  }

  #end(failure: Failure): void {
    for (const { outbox, sender } of this.rooms.values()) {
      sender?.end();
      outbox.end(failure);
    }
    this.history?.end(failure);
    for (const { asker } of this.#early.splice(0)) asker.fail(failure, false);
  }

  /**
   * Sends what may go out by now. Publishes go behind the welcome only: it tells who this client is taken
   * for, and what may have been stored for one identity must not be sent again blindly by another. A
   * server that said `bye` is sent no more of them.
   */
  #pump(): void {
    const { connection, identity } = this;
    if (this.#upward === null && this.#needsUpward()) {
      this.#loading = "yes";
      this.turn.do({ kind: "load" });
    }
    if (!connection.isLinked) return;
    if (connection.phase === "welcomed" && connection.farewell === null && identity !== null)
      this.#publishes(identity);
    this.history?.pump();
  }

  #publishes(identity: string): void {
    const upward = this.#upward;
    if (upward === null) return;
    const rooms = [...this.rooms];
    let budget = this.limits.maxInFlight;
    for (const [, room] of rooms) {
      if (room.outbox.items.length > 0) room.sender ??= new upward.Sender(room.outbox, this.turn);
      const query = room.sender?.nextQuery() ?? null;
      if (query !== null && room.sender !== null) this.#ask(query, room.sender, upward);
      budget -= room.sender?.inFlight ?? 0;
    }
    for (const [name, { sender, cursor }] of rooms) {
      if (sender === null) continue;
      const before = sender.inFlight;
      sender.pump(identity, cursor.position, budget);
      const sent = sender.inFlight - before;
      budget -= sent;
      // Who had a turn stands behind the others at the next, so that no busy room starves them.
      const room = this.rooms.get(name);
      if (sent > 0 && room !== undefined && this.rooms.delete(name)) this.rooms.set(name, room);
    }
  }
}
