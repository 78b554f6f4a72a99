import { PresenceFold, type PresenceEntry } from "./presence-fold.ts";
import { LINGER_MS, type PresenceLease, RoomLeases } from "./presence-leases.ts";
import { PresencePeers } from "./presence-peers.ts";
import { packWord, type PresenceWord, unpackWord } from "./presence-words.ts";

/** How often a process that has leases says that it lives, ms. */
export const BEAT_MS = 2_000;

/** Identities of a room, and UTF-16 units of them with their profiles, up to which it is listed; above, counted. */
export const MAX_LISTED = 200;
export const MAX_LISTED_CHARACTERS = 262_144;

/** What is asked of others again at a beat: as many rooms in one word. */
const MAX_ASKED_ROOMS = 500;

export interface PresenceNodeOf {
  /** Of this process; no other has it, nor has this one after a restart. */
  readonly id: string;
  send(text: string): void;
  /** Somebody came to the room, left it, or shows another profile. */
  onChange(room: string, identity: string): void;
  /** All others have said who is there by them. */
  onKnown(room: string): void;
}

interface NodeRoom {
  readonly name: string;
  readonly fold: PresenceFold;
  readonly own: RoomLeases;
  /** Those who have not said yet who is there by them. */
  readonly missing: Set<string>;
  users: number;
}

/**
 * Presence as one process has it: the leases of its own connections, and what the others say of theirs. The
 * words between them may be lost at any place, and processes may die at any moment; who hears a word more than
 * was missed asks, and who is not heard for a while is no more. So all agree in the end, and on the truth.
 *
 * Owns:     own leases and how long they linger; for each room that is of interest here, the union of all.
 * Leaves:   time (a moment comes with each call), the bus, and what readers are told.
 *
 * Rules: docs/protocol.md, PRESENCE-.
 */
export class PresenceNode {
  readonly #of: PresenceNodeOf;
  readonly #rooms = new Map<string, NodeRoom>();
  readonly #peers: PresencePeers;
  /** Identities that linger, the first to go first: all stay equally long. */
  readonly #lingering = new Map<
    string,
    { readonly room: string; readonly identity: string; readonly dueMs: number }
  >();
  #seq = 0;
  #nextBeatMs = 0;
  #lastTickMs = -Infinity;
  leases = 0;
  leaseCharacters = 0;

  constructor(of: PresenceNodeOf) {
    this.#of = of;
    this.#peers = new PresencePeers({
      dropped: (node) => this.#dropPeer(node),
      missed: (node) => this.#missed(node),
    });
  }

  /** Asks who else there is: now others are heard. */
  greet(): void {
    this.#say({ kind: "who", node: this.#of.id });
    for (const room of this.#rooms.keys()) this.#askAll(room);
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** Who is there, as far as known. The room must be open. */
  shown(room: string): ReadonlyMap<string, string | null> {
    return this.#rooms.get(room)?.fold.shown ?? new Map();
  }

  /** Whether every other process has said who is there by it. */
  isKnown(room: string): boolean {
    return this.#rooms.get(room)?.missing.size === 0;
  }

  /** From now on it is of interest who is there; each needs one `release`. */
  acquire(name: string): void {
    this.#room(name).users += 1;
  }

  release(name: string): void {
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    room.users -= 1;
    this.#forget(room);
  }

  /** Identities of this process's own in a room. */
  ownSize(name: string): number {
    return this.#rooms.get(name)?.own.size ?? 0;
  }

  join(lease: PresenceLease): void {
    const room = this.#room(lease.room);
    const { own } = room;
    const before = own.characters;
    const entry = own.add(lease);
    this.leases += 1;
    this.leaseCharacters += own.characters - before;
    this.#tell(room, lease.identity, entry);
  }

  leave(lease: PresenceLease, nowMs: number): void {
    const room = this.#rooms.get(lease.room);
    if (room === undefined) return;
    room.own.remove(lease, nowMs);
    this.leases -= 1;
    this.#expire(lease.room, lease.identity, nowMs);
    this.#linger(lease, nowMs);
  }

  /** A word from the bus, own ones included. */
  take(text: string, nowMs: number): void {
    const word = unpackWord(text);
    if (word.node === this.#of.id) return;
    switch (word.kind) {
      case "who":
        if (this.leases > 0 || this.#lingering.size > 0) this.#beat(nowMs);
        return;
      case "ask":
        if (word.of === null || word.of === this.#of.id) for (const room of word.rooms) this.#sayAll(room);
        return;
      case "bye":
        this.#lingerOn(word.node, nowMs);
        return this.#peers.bye(word.node, nowMs);
      case "all":
        this.#peers.hear(word.node, word.seq, false, nowMs);
        return this.#takeAll(word);
      case "beat":
        return this.#peers.hear(word.node, word.seq, false, nowMs);
      case "put":
        this.#peers.hear(word.node, word.seq, true, nowMs);
        return this.#rooms.get(word.room)?.fold.put(word.node, word.identity, word.entry);
      case "end":
        this.#peers.hear(word.node, word.seq, true, nowMs);
        return this.#rooms.get(word.room)?.fold.end(word.node, word.identity);
    }
  }

  /** Does what is due at a moment. */
  tick(nowMs: number): void {
    for (const [key, { room, identity, dueMs }] of this.#lingering) {
      if (dueMs > nowMs) break;
      this.#lingering.delete(key);
      this.#expire(room, identity, nowMs);
    }
    if (nowMs - this.#lastTickMs > 2 * BEAT_MS) this.#peers.forgive(nowMs);
    this.#lastTickMs = nowMs;
    this.#peers.tick(nowMs);
    if (nowMs < this.#nextBeatMs) return;
    this.#askAgain();
    if (this.leases > 0 || this.#lingering.size > 0) this.#beat(nowMs);
    else this.#nextBeatMs = nowMs + BEAT_MS;
  }

  /** When `tick` is to be called next; null where there is nothing to wait for. */
  nextMs(): number | null {
    const [first] = this.#lingering.values();
    const isQuiet = this.leases === 0 && first === undefined && this.#peers.size === 0;
    if (isQuiet) return null;
    return Math.min(this.#nextBeatMs, first?.dueMs ?? Infinity);
  }

  /** Its connections end with it, and find another process. */
  bye(): void {
    this.#say({ kind: "bye", node: this.#of.id });
  }

  #room(name: string): NodeRoom {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      const fold = new PresenceFold((identity) => this.#of.onChange(name, identity));
      room = { name, fold, own: new RoomLeases(), missing: new Set(this.#peers.names()), users: 0 };
      this.#rooms.set(name, room);
      // Also where nobody is known: there may be some who were not heard yet.
      this.#askAll(name);
    }
    return room;
  }

  #askAll(name: string): void {
    this.#say({ kind: "ask", node: this.#of.id, rooms: [name], of: null });
  }

  #forget(room: NodeRoom): void {
    if (room.users === 0 && room.own.size === 0) this.#rooms.delete(room.name);
  }

  /** Tells it where something is new: an identity that polls would tell the same again and again. */
  #tell(room: NodeRoom, identity: string, entry: PresenceEntry): void {
    const { profileJson } = entry;
    const told = room.fold.entryOf(this.#of.id, identity);
    if (told?.profileJson === profileJson && room.fold.shown.get(identity) === profileJson) return;
    room.fold.put(this.#of.id, identity, entry);
    this.#seq += 1;
    const { id: node } = this.#of;
    this.#say({ kind: "put", node, seq: this.#seq, room: room.name, identity, entry });
  }

  /** One that lingers already, and came and went again, goes to the end. */
  #linger({ room, identity }: Pick<PresenceLease, "room" | "identity">, nowMs: number): void {
    const key = `${room}\0${identity}`;
    this.#lingering.delete(key);
    this.#lingering.set(key, { room, identity, dueMs: nowMs + LINGER_MS });
  }

  /**
   * Who lingers here and was still connected to a process that stops has lost a connection only now. The others know
   * that; a process that starts in its place does not, and would see them leave when they are through with lingering here.
   */
  #lingerOn(node: string, nowMs: number): void {
    for (const each of [...this.#lingering.values()]) {
      const room = this.#rooms.get(each.room);
      if (room?.fold.entryOf(node, each.identity) === undefined) continue;
      if (room.own.lingerOn(each.identity, nowMs)) this.#linger(each, nowMs);
    }
  }

  #expire(name: string, identity: string, nowMs: number): void {
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    const wasThin = isThin(room.own);
    const before = room.own.characters;
    const left = room.own.expire(identity, nowMs);
    this.leaseCharacters += room.own.characters - before;
    if (left === null) return;
    if (left !== "gone") return this.#tell(room, identity, left);
    room.fold.end(this.#of.id, identity);
    this.#seq += 1;
    this.#say({ kind: "end", node: this.#of.id, seq: this.#seq, room: name, identity });
    // The profiles that were left out while there were too many may be shown again.
    if (wasThin && !isThin(room.own)) this.#sayAll(name);
    this.#forget(room);
  }

  #sayAll(name: string): void {
    const { own, fold } = this.#rooms.get(name) ?? {};
    // As it was told: a newer connection with the profile that is shown anyway was not, and all must have the same.
    let entries = fold?.entriesOf(this.#of.id) ?? new Map<string, PresenceEntry>();
    if (own !== undefined && isThin(own)) {
      entries = new Map(Array.from(entries, ([identity, { at }]) => [identity, { profileJson: null, at }]));
    }
    this.#say({ kind: "all", node: this.#of.id, seq: this.#seq, room: name, entries });
  }

  #takeAll({ node, room: name, entries }: PresenceWord & { kind: "all" }): void {
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    room.fold.replace(node, entries);
    this.#nowKnown(room, node);
  }

  #beat(nowMs: number): void {
    this.#nextBeatMs = nowMs + BEAT_MS;
    this.#say({ kind: "beat", node: this.#of.id, seq: this.#seq });
  }

  /** A peer said something that did not come here, or is new: all that is known of it is in doubt. */
  #missed(node: string): void {
    for (const room of this.#rooms.values()) room.missing.add(node);
    this.#askFor(node);
  }

  #askAgain(): void {
    for (const node of this.#peers.names()) this.#askFor(node);
  }

  #askFor(node: string): void {
    const rooms: string[] = [];
    for (const { name, missing } of this.#rooms.values()) {
      if (missing.has(node) && rooms.push(name) >= MAX_ASKED_ROOMS) break;
    }
    if (rooms.length > 0) this.#say({ kind: "ask", node: this.#of.id, rooms, of: node });
  }

  #dropPeer(node: string): void {
    for (const room of this.#rooms.values()) {
      room.fold.drop(node);
      this.#nowKnown(room, node);
    }
  }

  #nowKnown(room: NodeRoom, node: string): void {
    if (room.missing.delete(node) && room.missing.size === 0) this.#of.onKnown(room.name);
  }

  #say(word: PresenceWord): void {
    this.#of.send(packWord(word));
  }
}

/** Whether there are so many that the profiles need not be told again. */
function isThin({ size, characters }: RoomLeases): boolean {
  return size > MAX_LISTED || characters > MAX_LISTED_CHARACTERS;
}
