import type { RoomTypes } from "@parlor/contract";
import type { ServerFrame } from "@parlor/protocol";
import { askFor, noteAsks } from "./asks.ts";
import type { CoreExtra, CoreParts } from "./core-parts.ts";
import { Emitter } from "./emitter.ts";
import { checkBody } from "./publish-body.ts";
import type { CoreRoom } from "./core-room.ts";

/** What somebody in a room says now. */
export interface RoomSignal<Body = unknown> {
  /** The identity that says it; `@server` where the server's own code does. */
  readonly from: string;
  readonly body: Body;
}

/** The events of a room's signals, with what their listeners are given. */
export interface SignalEvents<Body = unknown> extends Record<string, readonly unknown[]> {
  readonly signal: readonly [signal: RoomSignal<Body>];
}

/**
 * A room's signals, for what is stale in a moment: typing, pointers, inputs of a game. Stored nowhere, in no
 * order with messages, and dropped wherever something can't take them now.
 */
export interface RoomSignals<Types extends RoomTypes = RoomTypes> {
  /**
   * Calls `listener` with each signal of the others while the room is subscribed to, other pages of one's own
   * identity included; returns how to stop.
   */
  on<Name extends keyof SignalEvents & string>(
    name: Name,
    listener: (...args: SignalEvents<Types["signalled"]>[Name]) => void,
  ): () => void;
  /**
   * Says something to those who listen now. Needs no subscription.
   *
   * @param body Any JSON value, at most `maxBodyBytes`. Above the server's rate (100 a second, one for each 4
   *   KiB) it is dropped there, and the client's event `error` says so.
   * @returns Whether there is a connection to say it on. If not it is dropped, and so is what a connection that
   *   is behind can't take: say the newest again later.
   * @throws {CodedError} `bad-frame`, `too-large`.
   */
  signal(body: Types["signal"]): boolean;
}

const allSignals = new WeakMap<CoreRoom, Signals>();

/** The signals of a room; the same object at every call. From then on the room's subscriptions ask for them. */
export function roomSignals<Types extends RoomTypes>(typed: CoreRoom<Types>): RoomSignals<Types> {
  // The types are the compiler's alone.
  const room = typed as unknown as CoreRoom;
  let signals = allSignals.get(room);
  if (signals === undefined) {
    signals = new Signals(room);
    allSignals.set(room, signals);
  }
  return signals;
}

class Signals implements RoomSignals {
  readonly #room: CoreRoom;
  readonly #emitter = new Emitter<SignalEvents>();
  readonly #prefix: string;

  constructor(room: CoreRoom) {
    const { name, shell } = room;
    const { core } = shell;
    this.#room = room;
    this.#prefix = `{"type":"signal","room":${JSON.stringify(name)},"body":`;
    let arrivals = core.extras.find((extra) => extra instanceof Arrivals);
    if (arrivals === undefined) core.extras.push((arrivals = new Arrivals(core)));
    arrivals.rooms.set(name, this.#emitter);
    shell.step(() => askFor(core.cursor(name), { signals: "batched" }, core.connection.isLinked));
  }

  on<Name extends keyof SignalEvents & string>(
    name: Name,
    listener: (...args: SignalEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  signal(body: unknown): boolean {
    const { shell } = this.#room;
    const { connection, limits, turn } = shell.core;
    const text = `${this.#prefix}${checkBody(body, limits).json}}`;
    const canSay =
      connection.phase === "welcomed" && connection.farewell === null && shell.connection?.isBrief !== true;
    shell.step(() => (canSay ? turn.do({ kind: "send", text }) : connection.want()));
    return canSay;
  }
}

/** Brings signals to the rooms that they are of. */
class Arrivals implements CoreExtra {
  readonly rooms = new Map<string, Emitter<SignalEvents>>();
  readonly #core: CoreParts;

  constructor(core: CoreParts) {
    this.#core = core;
  }

  take(frame: ServerFrame): boolean {
    if (frame.type === "signal") this.#tell(frame.room, [frame]);
    else if (frame.type === "signals") {
      this.#tell(frame.room, frame.signals);
      // A poll ends: the next one hears what is said meanwhile.
      if (typeof frame.next === "string") this.#note(frame.room, frame.next);
    } else if (frame.type === "subscribed") {
      // What the question asked for comes behind it, and must not come again.
      this.#note(frame.room, undefined);
      return false;
    } else return false;
    return true;
  }

  pump(): void {}

  #note(room: string, heard: string | undefined): void {
    if (this.rooms.has(room)) noteAsks(this.#core.cursor(room), { heard });
  }

  /** In a step of its own, behind the core's: a listener may say or subscribe to something. */
  #tell(room: string, signals: readonly RoomSignal[]): void {
    const emitter = this.rooms.get(room);
    if (emitter === undefined) return;
    queueMicrotask(() => {
      for (const { from, body } of signals) emitter.emit("signal", { from, body });
    });
  }
}
