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
  /** What it showed by a connection that ended, and until when it still does. */
  ended: { readonly entry: PresenceEntry; readonly untilMs: number } | null;
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

  /** The entry as it is with it. */
  add(lease: PresenceLease): PresenceEntry {
    const holder = this.#holders.get(lease.identity);
    if (holder === undefined) {
      const entry = newestOf([lease]);
      const leases = new Set([lease]);
      this.#holders.set(lease.identity, { leases, entry, ended: null, lingersUntilMs: 0 });
      this.characters += lease.identity.length + lengthOf(entry);
      return entry;
    }
    if (holder.leases.size === 0) holder.ended = { entry: holder.entry, untilMs: holder.lingersUntilMs };
    holder.leases.add(lease);
    return this.#look(holder);
  }

  /** Without a connection it lingers, and so does what it showed by one: what comes of it is told by `expire`. */
  remove(lease: PresenceLease, nowMs: number): void {
    const holder = this.#holders.get(lease.identity);
    if (holder?.leases.delete(lease) !== true) return;
    const untilMs = nowMs + LINGER_MS;
    if (holder.leases.size === 0) holder.lingersUntilMs = untilMs;
    else if (holder.entry.at === lease.at && holder.entry.profileJson === lease.profileJson) {
      holder.ended = { entry: holder.entry, untilMs };
    }
  }

  /** It had a connection elsewhere until now: whether it is without one here, and so lingers anew. */
  lingerOn(identity: string, nowMs: number): boolean {
    const holder = this.#holders.get(identity);
    if (holder === undefined || holder.leases.size > 0) return false;
    holder.lingersUntilMs = nowMs + LINGER_MS;
    return true;
  }

  /** What is left of it at a moment: `"gone"` for good, or its entry; null where nothing was. */
  expire(identity: string, nowMs: number): PresenceEntry | "gone" | null {
    const holder = this.#holders.get(identity);
    if (holder === undefined) return null;
    if (holder.leases.size === 0) {
      if (holder.lingersUntilMs > nowMs) return holder.entry;
      this.#holders.delete(identity);
      this.characters -= identity.length + lengthOf(holder.entry);
      return "gone";
    }
    if (holder.ended !== null && holder.ended.untilMs <= nowMs) holder.ended = null;
    return this.#look(holder);
  }

  #look(holder: Holder): PresenceEntry {
    const { leases, ended } = holder;
    const entry = newestOf(ended === null ? leases : [ended.entry, ...leases]);
    this.characters += lengthOf(entry) - lengthOf(holder.entry);
    holder.entry = entry;
    return entry;
  }
}

function lengthOf({ profileJson }: PresenceEntry): number {
  return profileJson?.length ?? 0;
}

/** The newest that tells a profile; the newest where none does. */
function newestOf(leases: Iterable<PresenceEntry>): PresenceEntry {
  let newest: PresenceEntry = { profileJson: null, at: 0 };
  for (const { profileJson, at } of leases) {
    const isAlike = (profileJson === null) === (newest.profileJson === null);
    if (isAlike ? at >= newest.at : profileJson !== null) newest = { profileJson, at };
  }
  return newest;
}
