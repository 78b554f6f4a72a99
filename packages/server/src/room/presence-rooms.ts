import { CodedError, type TimerHandle } from "@parlor/base";
import type { BusListening, SignalBus } from "@parlor/log";
import type { PresenceLease } from "./presence-leases.ts";
import { PresenceLists } from "./presence-lists.ts";
import { PresenceNode } from "./presence-node.ts";
import { PresenceRoom, type PresenceRoomDeps } from "./presence-room.ts";
import { PRESENCE_CHANNEL } from "./presence-words.ts";
import { SharedRooms } from "./shared-rooms.ts";

/** Subscriptions with presence of one process, and UTF-16 units of their identities and profiles. */
export const MAX_PRESENCE_LEASES = 100_000;
export const MAX_PRESENCE_CHARACTERS = 67_108_864;
/** Identities of one process in one room. */
export const MAX_ROOM_IDENTITIES = 20_000;

export interface PresenceRoomsDeps extends Omit<PresenceRoomDeps, "lists"> {
  readonly bus: SignalBus;
  /** Of this process since its start. */
  readonly node: string;
}

/** Who is shown, and with what. */
export interface PresenceSelf {
  readonly identity: string;
  readonly profileJson: string | null;
  /** Wall clock of the hello, ms: the newest profile wins. */
  readonly at: number;
}

/** The rooms in which somebody here wants to know who is there, the leases of this process, and the clock's part. */
export class PresenceRooms {
  readonly #deps: PresenceRoomsDeps & PresenceRoomDeps;
  readonly #node: PresenceNode;
  readonly #rooms = new SharedRooms((name) => this.#open(name));
  #listening: BusListening | null = null;
  #timer: TimerHandle | null = null;
  #timerMs = Infinity;
  #isClosed = false;

  constructor(deps: PresenceRoomsDeps) {
    const { bus, clock } = deps;
    this.#deps = { ...deps, lists: new PresenceLists(clock, deps.counters) };
    this.#node = new PresenceNode({
      id: deps.node,
      send: (text) => bus.send(PRESENCE_CHANNEL, text),
      onChange: (room, identity) => this.#rooms.get(room)?.changed(identity),
      onKnown: (room) => this.#rooms.get(room)?.known(),
    });
    const listening = bus.listen(PRESENCE_CHANNEL, (text) => {
      this.#node.take(text, clock.monotonic());
      this.#wait();
    });
    void listening.then((bound) => {
      if (this.#isClosed) return bound.close();
      this.#listening = bound;
      this.#node.greet();
    });
  }

  get leases(): number {
    return this.#node.leases;
  }

  get characters(): number {
    return this.#node.leaseCharacters;
  }

  /** Opens the room, or shares it; every `acquire` needs one `release`. */
  acquire(name: string): PresenceRoom {
    return this.#rooms.acquire(name);
  }

  release(room: PresenceRoom): void {
    if (this.#rooms.release(room)) this.#node.release(room.name);
  }

  /**
   * Shows a connection in a room until `leave`.
   * @throws {CodedError} `unavailable` where there are so many that no more are held.
   */
  join(room: string, { identity, profileJson, at }: PresenceSelf): PresenceLease {
    this.check(room);
    const lease = { room, identity, profileJson, at };
    this.#node.join(lease);
    this.#wait();
    return lease;
  }

  /** @throws {CodedError} `unavailable` where one more would not be shown. */
  check(room: string): void {
    const isFull =
      this.leases >= MAX_PRESENCE_LEASES ||
      this.characters >= MAX_PRESENCE_CHARACTERS ||
      this.#node.ownSize(room) >= MAX_ROOM_IDENTITIES;
    if (!isFull) return;
    this.#deps.counters.presenceRefused += 1;
    const message =
      "So many are present on this server that no more are shown; subscribe without `presence`.";
    throw new CodedError("unavailable", message);
  }

  leave(lease: PresenceLease): void {
    this.#node.leave(lease, this.#deps.clock.monotonic());
    this.#wait();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#node.bye();
    this.#listening?.close();
    if (this.#timer !== null) this.#deps.clock.cancel(this.#timer);
    this.#rooms.close();
  }

  #open(name: string): PresenceRoom {
    this.#node.acquire(name);
    const room = new PresenceRoom(name, () => this.#node.shown(name), this.#deps);
    room.begin(this.#node.isKnown(name));
    return room;
  }

  #wait(): void {
    const nextMs = this.#node.nextMs();
    if (this.#isClosed || nextMs === null || nextMs >= this.#timerMs) return;
    const { clock } = this.#deps;
    if (this.#timer !== null) clock.cancel(this.#timer);
    this.#timerMs = nextMs;
    this.#timer = clock.after(Math.max(1, Math.ceil(nextMs - clock.monotonic())), () => {
      this.#timer = null;
      this.#timerMs = Infinity;
      this.#node.tick(clock.monotonic());
      this.#wait();
    });
  }
}
