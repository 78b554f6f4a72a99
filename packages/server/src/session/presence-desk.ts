import type { PresenceLease } from "../room/presence-leases.ts";
import { PresenceReader, type PresenceRoom, type PresenceSink } from "../room/presence-room.ts";
import type { PresenceSelf } from "../room/presence-rooms.ts";
import type { SharedFrames } from "../room/shared-frames.ts";
import { addressGroup } from "./address-group.ts";
import { askAuthorize } from "./ask-hooks.ts";
import type { Connection } from "./connection.ts";
import type { Refusal } from "./hooks.ts";
import type { Services } from "./services.ts";

/** Whose desk it is. */
export interface PresenceDeskOf {
  readonly connection: Connection;
  readonly services: Services;
  readonly self: PresenceSelf;
}

interface Presence {
  readonly room: PresenceRoom;
  readonly reader: PresenceReader;
  readonly lease: PresenceLease;
}

/**
 * Presence, as one connection has it: the rooms in which it is shown and is told who else is. It ends with its
 * subscription, at once for the connection and 5 s later for the others, should it not come back.
 *
 * Rules: docs/protocol.md, PRESENCE-.
 */
export class PresenceDesk implements PresenceSink {
  readonly #of: PresenceDeskOf;
  readonly #presences = new Map<string, Presence>();
  #isClosed = false;

  constructor(of: PresenceDeskOf) {
    this.#of = of;
  }

  get group(): string {
    return addressGroup(this.#of.connection.address);
  }

  get isWritable(): boolean {
    return this.#of.connection.isWritable;
  }

  sendPresence(frames: SharedFrames): void {
    this.#of.connection.sendShared(frames);
  }

  has(room: string): boolean {
    return this.#presences.has(room);
  }

  /**
   * Whether the host lets it be shown there, and told.
   * @throws {CodedError} `unavailable` where no more are shown.
   */
  async prepare(room: string): Promise<Refusal | null> {
    const { services, self, connection } = this.#of;
    services.presences.check(room);
    const { address } = connection;
    const question = { identity: self.identity, action: "presence", room, address } as const;
    const verdict = await askAuthorize(services.authorize, question, services);
    return verdict === true ? null : verdict;
  }

  /**
   * Shows it, and tells it who else is there. `asked` is what `subscribe` says: `true`, or the version seen last.
   * @throws {CodedError} `unavailable` where no more are shown.
   */
  join(name: string, asked: number | true): void {
    if (this.#isClosed) return;
    const { presences } = this.#of.services;
    const before = this.#presences.get(name);
    const lease = presences.join(name, this.#of.self);
    const room = presences.acquire(name);
    const reader = new PresenceReader(room, this, asked === true ? null : asked);
    if (before !== undefined) this.leave(name);
    this.#presences.set(name, { room, reader, lease });
    room.join(reader);
  }

  leave(name: string): void {
    const presence = this.#presences.get(name);
    if (presence === undefined) return;
    this.#presences.delete(name);
    const { presences } = this.#of.services;
    presence.room.leave(presence.reader);
    presences.leave(presence.lease);
    presences.release(presence.room);
  }

  drained(): void {
    for (const { reader } of this.#presences.values()) reader.pump();
  }

  closed(): void {
    this.#isClosed = true;
    for (const name of [...this.#presences.keys()]) this.leave(name);
  }
}
