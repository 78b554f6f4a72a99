import type { PresenceEntry } from "./presence-fold.ts";

/** One connection that is shown in a room. */
export interface PresenceLease {
  readonly room: string;
  readonly identity: string;
  readonly profileJson: string | null;
  /** Wall clock, ms. */
  readonly at: number;
}

/** How long an identity stays after its last connection ended: who reconnects, or polls again, has not left. */
export const LINGER_MS = 5_000;

interface Holder {
  /** Empty while it lingers. */
  readonly leases: Set<PresenceLease>;
  entry: PresenceEntry;
  lingersUntilMs: number;
}

/** What an identity is by this process's own connections in one room, in one entry however many they are. */
export class RoomLeases {
  readonly #holders = new Map<string, Holder>();
  /** Of the profiles and the identities, in UTF-16 units. */
  characters = 0;

  get size(): number {
    return this.#holders.size;
  }

  /** Also those that linger. */
  entries(): Map<string, PresenceEntry> {
    return new Map(Array.from(this.#holders, ([identity, { entry }]) => [identity, entry]));
  }

  /** The entry as it is with it. */
  add(lease: PresenceLease): PresenceEntry {
    const holder = this.#holders.get(lease.identity);
    if (holder === undefined) {
      const entry = newestOf([lease]);
      this.#holders.set(lease.identity, { leases: new Set([lease]), entry, lingersUntilMs: 0 });
      this.characters += lease.identity.length + lengthOf(entry);
      return entry;
    }
    // Who comes back without a word of who it is keeps what it said before.
    const before = holder.leases.size === 0 && lease.profileJson === null ? holder.entry : null;
    holder.leases.add(lease);
    return this.#set(holder, before ?? newestOf(holder.leases));
  }

  /** The entry as it is without it; null where it lingers from now on. */
  remove(lease: PresenceLease, nowMs: number): PresenceEntry | null {
    const holder = this.#holders.get(lease.identity);
    if (holder?.leases.delete(lease) !== true) return holder?.entry ?? null;
    if (holder.leases.size > 0) return this.#set(holder, newestOf(holder.leases));
    holder.lingersUntilMs = nowMs + LINGER_MS;
    return null;
  }

  /** Whether it is gone for good now. */
  expire(identity: string, nowMs: number): boolean {
    const holder = this.#holders.get(identity);
    if (holder === undefined || holder.leases.size > 0 || holder.lingersUntilMs > nowMs) return false;
    this.#holders.delete(identity);
    this.characters -= identity.length + lengthOf(holder.entry);
    return true;
  }

  #set(holder: Holder, entry: PresenceEntry): PresenceEntry {
    this.characters += lengthOf(entry) - lengthOf(holder.entry);
    holder.entry = entry;
    return entry;
  }
}

function lengthOf({ profileJson }: PresenceEntry): number {
  return profileJson?.length ?? 0;
}

/** The newest that tells a profile; the newest where none does. */
function newestOf(leases: Iterable<PresenceLease>): PresenceEntry {
  let newest: PresenceEntry = { profileJson: null, at: 0 };
  for (const { profileJson, at } of leases) {
    const isAlike = (profileJson === null) === (newest.profileJson === null);
    if (isAlike ? at >= newest.at : profileJson !== null) newest = { profileJson, at };
  }
  return newest;
}
