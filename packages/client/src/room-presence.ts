import type { PresenceFrame, ServerFrame } from "@parlor/protocol";
import { askFor, noteAsks } from "./asks.ts";
import type { ClientShell } from "./client-shell.ts";
import type { CoreExtra } from "./core-parts.ts";
import { Emitter } from "./emitter.ts";
import type { CoreRoom } from "./core-room.ts";

/** Somebody who is in a room. */
export interface Member {
  readonly identity: string;
  /** What it says of itself in its options' `profile`; null where nothing. Strangers write it: show it as text. */
  readonly profile: unknown;
}

/** The events of a room's presence, with what their listeners are given. */
export interface PresenceEvents extends Record<string, readonly unknown[]> {
  /** Not for those who were there at the first. */
  readonly join: readonly [member: Member];
  /** 5 s after its last connection ended. */
  readonly leave: readonly [member: Member];
  /** After each update: somebody came, left, or shows another profile, or the number changed. */
  readonly change: readonly [];
}

/**
 * Who is in a room, this client included: whoever else asks for presence there. It follows the server while the
 * room is subscribed to, through every reconnect, and keeps what it had meanwhile.
 */
export interface RoomPresence {
  /** Who is there, with the profile of each: the same map always, never to be written to. */
  readonly members: ReadonlyMap<string, unknown>;
  /** How many are there. One who has several pages open counts once. */
  readonly count: number;
  /** Whether they are listed: above some size, 200 by the protocol, there is only `count`, and `members` is empty. */
  readonly isListed: boolean;
  /** Whether anything has come. */
  readonly isKnown: boolean;
  /**
   * Shows this client with another profile from now on, in all its rooms. A profile is told at the beginning of a
   * connection, so a new one is made at once; rooms go on behind their cursors, and nothing is lost or doubled.
   *
   * @param profile at most 1,024 bytes of JSON, read anew at each connection
   */
  show(profile: Readonly<Record<string, unknown>>): void;
  /** Calls `listener` at every event of that name; returns how to stop. */
  on<Name extends keyof PresenceEvents & string>(
    name: Name,
    listener: (...args: PresenceEvents[Name]) => void,
  ): () => void;
}

const presences = new WeakMap<CoreRoom, Presence>();

/**
 * The presence of a room; the same object at every call. From then on the room's subscriptions ask for it, and
 * so show this client to the others.
 */
export function roomPresence(room: CoreRoom): RoomPresence {
  let presence = presences.get(room);
  if (presence === undefined) {
    presence = new Presence(room);
    presences.set(room, presence);
  }
  return presence;
}

class Presence implements RoomPresence {
  readonly members = new Map<string, unknown>();
  count = 0;
  isListed = false;
  isKnown = false;
  readonly #name: string;
  readonly #shell: ClientShell;
  readonly #emitter = new Emitter<PresenceEvents>();

  constructor({ name, shell }: CoreRoom) {
    const { core } = shell;
    this.#name = name;
    this.#shell = shell;
    let arrivals = core.extras.find((extra) => extra instanceof Arrivals);
    if (arrivals === undefined) core.extras.push((arrivals = new Arrivals()));
    arrivals.rooms.set(name, (frame) => this.#take(frame));
    const ask = (): void => askFor(core.cursor(name), { presence: true }, core.connection.isLinked);
    shell.step(ask);
  }

  on<Name extends keyof PresenceEvents & string>(
    name: Name,
    listener: (...args: PresenceEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  show(profile: Readonly<Record<string, unknown>>): void {
    const { core } = this.#shell;
    const { connection } = core;
    core.profile = profile;
    const act = (): void => {
      // One that is down says it when it comes back.
      if (connection.phase === "down") return;
      connection.breakOff("The profile is another.");
      connection.wake(true);
    };
    this.#shell.step(act);
  }

  #take({ version, full, count, joined, left }: PresenceFrame): void {
    noteAsks(this.#shell.core.cursor(this.#name), { presence: version });
    // Who was counted before, or is now, neither came nor left.
    const wasListed = this.isListed;
    const hasChanged =
      !this.isKnown || full === true || count !== this.count || wasListed !== (joined !== undefined);
    this.isKnown = true;
    this.isListed = joined !== undefined;
    this.count = count;
    const events: (readonly ["join" | "leave", Member])[] = [];
    if (joined === undefined) this.members.clear();
    else if (full === true) {
      const there = new Set(joined.map(({ identity }) => identity));
      for (const identity of this.members.keys())
        if (!there.has(identity)) events.push(this.#leave(identity));
    }
    for (const identity of left ?? []) if (this.members.has(identity)) events.push(this.#leave(identity));
    for (const { identity, profile } of joined ?? []) {
      const isNew = !this.members.has(identity);
      this.members.set(identity, profile);
      if (isNew && wasListed) events.push(["join", { identity, profile }]);
    }
    if (!hasChanged && events.length === 0 && (joined ?? []).length === 0) return;
    // In a step of its own, behind the core's: a listener may subscribe to something.
    queueMicrotask(() => {
      for (const [name, member] of events) this.#emitter.emit(name, member);
      this.#emitter.emit("change");
    });
  }

  #leave(identity: string): readonly ["leave", Member] {
    const profile = this.members.get(identity);
    this.members.delete(identity);
    return ["leave", { identity, profile }];
  }
}

/** Brings frames of presence to the rooms that they are of. */
class Arrivals implements CoreExtra {
  readonly rooms = new Map<string, (frame: PresenceFrame) => void>();

  take(frame: ServerFrame): boolean {
    if (frame.type !== "presence") return false;
    this.rooms.get(frame.room)?.(frame);
    return true;
  }

  pump(): void {}
}
