import {
  encodeFrame,
  PROTOCOL_VERSION,
  type DecodedServerFrame,
  type Limits,
  type ReceivedFrame,
  type WelcomeFrame,
} from "@parlor/protocol";
import { Connection } from "./connection.ts";
import type { CoreExtra, CoreParts } from "./core-parts.ts";
import { Cursor, type Wanted } from "./cursor.ts";
import type { ClientEffect } from "./effects.ts";
import { takeFrame } from "./server-frame.ts";
import type { TransportKind } from "./transports/transport.ts";
import { Turn, type StepInputs } from "./turn.ts";

export interface CoreSettings {
  readonly producer: string;
  readonly profile: Readonly<Record<string, unknown>> | undefined;
  /** Reads what comes. */
  readonly decode: (frame: ReceivedFrame) => DecodedServerFrame;
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
  welcome: WelcomeFrame | null = null;
  identity: string | null = null;
  limits: Partial<Limits> = {};
  /** What the next hello says of this client. */
  profile: CoreSettings["profile"];
  /** Whose publishes go out; said by the next hello. */
  producer: string;

  readonly #decode: CoreSettings["decode"];

  constructor({ producer, profile, decode }: CoreSettings) {
    this.#decode = decode;
    this.producer = producer;
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
      producer: this.producer,
      token,
      profile: this.profile,
    } as const;
    return [encodeFrame(hello), ...[...this.cursors.values()].flatMap(({ question }) => question ?? [])];
  }

  /**
   * One step: `act` calls what has happened, of the methods below, of the connection's, or of an extra's. What is
   * to be done comes out.
   */
  step(act: () => void, inputs: StepInputs): readonly ClientEffect[] {
    const { turn, connection, extras } = this;
    turn.begin(inputs);
    const wasLinked = connection.isLinked;
    const { state: before } = connection;
    act();
    if (wasLinked && !connection.isLinked) this.#unlink();
    const { state } = connection;
    if (state.kind === "closed" && state !== before) for (const extra of extras) extra.end?.(state);
    for (const extra of extras) extra.pump();
    return turn.effects;
  }

  subscribe(room: string, wanted: Wanted): void {
    this.cursor(room).subscribe(wanted, this.connection.isLinked);
    this.connection.want();
  }

  /**
   * The server has, or will get, that `opening`. Between the asking for it and its handing over the application may
   * have thought again.
   */
  opened(opening: readonly string[]): void {
    // To all that travels one that takes another's place is a lost connection and a new one.
    if (this.connection.isLinked) this.#unlink();
    this.connection.opened();
    for (const cursor of this.cursors.values()) cursor.opened(opening);
  }

  text(text: ReceivedFrame, transport: TransportKind): void {
    this.connection.heard();
    const decoded = this.#decode(text);
    if (decoded.ok) return takeFrame(this, decoded.frame, transport);
    // A frame of a later version is for later clients. Anything else that is no frame makes all that
    // follows doubtful; a new connection asks again from the cursors.
    if (decoded.unknownType === null)
      this.connection.breakOff(`What came is not the protocol: ${decoded.fault}`);
  }

  /** The connection could not be prepared. */
  fault(reason: string): void {
    // It may have been given up, or the client closed, while it was being prepared.
    if (this.connection.phase === "opening") this.connection.breakOff(reason);
  }

  timer(name: string): void {
    const cursor = this.cursors.get(name.slice(name.indexOf("/") + 1));
    if (name === cursor?.timer) cursor.resume();
    else if (!this.extras.some((extra) => extra.timer?.(name))) this.connection.timer();
  }

  #unlink(): void {
    for (const part of [...this.cursors.values(), ...this.extras]) part.unlink?.();
  }
}
