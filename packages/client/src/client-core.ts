import {
  decodeServerFrame,
  encodeFrame,
  PROTOCOL_VERSION,
  type Limits,
  type ReceivedFrame,
} from "@parlor/protocol";
import { Connection } from "./connection.ts";
import type { CoreExtra, CoreParts } from "./core-parts.ts";
import { Cursor, type Wanted } from "./cursor.ts";
import type { ClientEffect } from "./effects.ts";
import { takeFrame } from "./server-frame.ts";
import type { TransportClose, TransportKind } from "./transports/transport.ts";
import { Turn, type StepInputs } from "./turn.ts";

export type ClientEvent =
  | { readonly kind: "subscribe"; readonly room: string; readonly wanted: Wanted }
  | { readonly kind: "unsubscribe"; readonly room: string }
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
  /** Something that one of `extras` does. */
  | { readonly kind: "extra"; readonly act: () => void }
  | { readonly kind: "wake" }
  /** The page is put away, and does nothing until it wakes. */
  | { readonly kind: "away" }
  | { readonly kind: "reconnect" }
  /** For good. */
  | { readonly kind: "release" };

export interface CoreSettings {
  readonly producer: string;
  readonly profile: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The client as one step: what the application, the transport and the timers say goes in, what is to be
 * done comes out. No socket, no clock, no randomness and no storage is touched here, so one seed replays
 * a whole client.
 *
 * Owns:     which part hears of what, and what a new or lost link means for all of them.
 * Leaves:   the link's life (connection.ts), one room's cursor (cursor.ts), all that only some pages need
 *           (publishing.ts and the other `extras`), and doing the effects (client-shell.ts).
 */
export class ClientCore implements CoreParts {
  readonly connection: Connection;
  readonly cursors = new Map<string, Cursor>();
  readonly turn = new Turn();
  readonly extras: CoreExtra[] = [];
  identity: string | null = null;
  limits: Partial<Limits> = {};
  /** What the next hello says of this client. */
  profile: CoreSettings["profile"];
  readonly #producer: string;

  constructor({ producer, profile }: CoreSettings) {
    this.#producer = producer;
    this.profile = profile;
    this.connection = new Connection(this.turn);
  }

  cursor(room: string): Cursor {
    let cursor = this.cursors.get(room);
    if (cursor === undefined) this.cursors.set(room, (cursor = new Cursor(room, this.turn)));
    return cursor;
  }

  /**
   * What a connection begins with: hello, and what this client wants to hear right behind it, without
   * waiting for the welcome. That saves a round trip at every return, and none of it can harm if the
   * hello is refused. Asking changes nothing: what was handed over, `opened` tells.
   */
  opening(key: string, token: string | undefined): readonly string[] {
    const hello = {
      type: "hello",
      version: PROTOCOL_VERSION,
      key,
      producer: this.#producer,
      token,
      profile: this.profile,
    } as const;
    return [encodeFrame(hello), ...[...this.cursors.values()].flatMap(({ question }) => question ?? [])];
  }

  step(event: ClientEvent, inputs: StepInputs): readonly ClientEffect[] {
    const { turn, connection, extras } = this;
    turn.begin(inputs);
    if ("connection" in event && event.connection !== connection.number) return [];
    const wasLinked = connection.isLinked;
    const { state: before } = connection;
    this.#take(event);
    if (wasLinked && !connection.isLinked) this.#unlink();
    const { state } = connection;
    if (state.kind === "closed" && state !== before) for (const extra of extras) extra.end?.(state);
    for (const extra of extras) extra.pump();
    return turn.effects;
  }

  #take(event: ClientEvent): void {
    const { connection } = this;
    switch (event.kind) {
      case "subscribe":
        return this.#subscribe(event.room, event.wanted);
      case "unsubscribe":
        return this.cursor(event.room).unsubscribe(connection.isLinked);
      case "takenOver":
        // To all that travels it is a lost connection and a new one, and no time between them.
        this.#unlink();
        this.#opened(event.opening);
        return this.#takeText(event.text, event.transport);
      case "opened":
        return this.#opened(event.opening);
      case "text":
        return this.#takeText(event.text, event.transport);
      case "life":
        return connection.heard();
      case "closed":
        return connection.closed(event.close);
      case "fault":
        // It may have been given up, or the client closed, while it was being prepared.
        if (connection.phase === "opening") connection.breakOff(event.reason);
        return;
      case "extra":
        return event.act();
      case "timer":
        return this.#takeTimer(event.name);
      case "wake":
      case "away":
      case "reconnect":
      case "release":
        return connection[event.kind]();
    }
  }

  #subscribe(room: string, wanted: Wanted): void {
    const { state, isReleased, isLinked } = this.connection;
    if (isReleased && state.kind === "closed") {
      return this.turn.tell(room, { name: "unsubscribed", value: state });
    }
    this.cursor(room).subscribe(wanted, isLinked);
    this.connection.want();
  }

  /** Between the asking for an opening and its handing over the application may have thought again. */
  #opened(opening: readonly string[]): void {
    this.connection.opened();
    for (const cursor of this.cursors.values()) cursor.opened(opening);
  }

  #takeText(text: ReceivedFrame, transport: TransportKind): void {
    this.connection.heard();
    const decoded = decodeServerFrame(text);
    if (decoded.ok) return takeFrame(this, decoded.frame, transport);
    // A frame of a later version is for later clients. Anything else that is no frame makes all that
    // follows doubtful; a new connection asks again from the cursors.
    if (decoded.unknownType === null)
      this.connection.breakOff(`What came is not the protocol: ${decoded.fault}`);
  }

  #takeTimer(name: string): void {
    const cursor = this.cursors.get(name.slice(name.indexOf("/") + 1));
    if (name === cursor?.timer) cursor.resume();
    else if (!this.extras.some((extra) => extra.timer?.(name))) this.connection.timer();
  }

  #unlink(): void {
    for (const part of [...this.cursors.values(), ...this.extras]) part.unlink?.();
  }
}
