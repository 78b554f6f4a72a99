import { createHash } from "node:crypto";
import { MAX_LISTED, MAX_LISTED_CHARACTERS } from "./presence-node.ts";

/** Versions, and identities that left, that a room remembers; whoever comes with an older one is told all. */
const MAX_REMEMBERED = 256;

/** How long a room that came to be counted stays so: its whole list is told to all when that ends. */
const COUNTED_MS = 5_000;

/**
 * What readers of one room's presence are told: where each stands is one number, and what lies behind it is one
 * frame, made once for all who stand there. A reader that was slow gets the newest, however much has happened.
 *
 * A version of the wire is made from who is there and nothing else, so it is the same in every process and after
 * a restart: a client that polls here and there is not told again what it has.
 */
export class PresenceHistory {
  readonly #room: string;
  readonly #shown: () => ReadonlyMap<string, string | null>;
  /** Who was there at the newest version: what changed since is in no frame before the next one. */
  readonly #told = new Map<string, string | null>();
  readonly #dirty = new Set<string>();
  /** At which serial an identity changed last; those that left are at the end. */
  readonly #joined = new Map<string, number>();
  readonly #left = new Map<string, number>();
  readonly #serials = new Map<number, number>();
  /** What changed at or before it is not told apart any more. */
  #forgottenSerial = 0;
  #serial = 0;
  #version = 0;
  #count = 0;
  #isCounted = false;
  #countedSinceMs = -Infinity;
  readonly #frames = new Map<number, string>();

  constructor(room: string, shown: () => ReadonlyMap<string, string | null>) {
    this.#room = room;
    this.#shown = shown;
  }

  get hasChanges(): boolean {
    return this.#dirty.size > 0;
  }

  /** Where a reader stands that has been told everything. */
  get serial(): number {
    return this.#serial;
  }

  /** Whether there are so many that only their number is told. */
  get isCounted(): boolean {
    return this.#isCounted;
  }

  changed(identity: string): void {
    this.#dirty.add(identity);
  }

  /** Makes what changed since the last time the newest version; answers in how many ms to ask again, or null. */
  advance(nowMs: number): number | null {
    const shown = this.#shown();
    const isMany = isTooMuch(shown);
    const mayList = nowMs - this.#countedSinceMs >= COUNTED_MS;
    const isCounted = isMany || (this.#isCounted && !mayList);
    if (isCounted && !this.#isCounted) this.#countedSinceMs = nowMs;
    const isFirst = this.#serial === 0;
    if (isFirst || this.#dirty.size > 0 || isCounted !== this.#isCounted) this.#advance(shown, isCounted);
    return isCounted && !isMany ? this.#countedSinceMs + COUNTED_MS - nowMs : null;
  }

  /** Where a client stands that has `version`; null where that is not known. */
  serialOf(version: number): number | null {
    return this.#serials.get(version) ?? null;
  }

  /** The frame of what lies behind a reader: null stands for one that has nothing. Null where nothing does. */
  behind(serial: number | null): string | null {
    if (serial === this.#serial) return null;
    const from = serial === null || serial < this.#forgottenSerial ? -1 : serial;
    return this.#frame(from);
  }

  /** Says that nothing changed. */
  unchanged(): string {
    return this.#encode("", this.#isCounted ? "" : `,"joined":[],"left":[]`);
  }

  #advance(shown: ReadonlyMap<string, string | null>, isCounted: boolean): void {
    if (this.#serial === 0) for (const identity of shown.keys()) this.#dirty.add(identity);
    this.#serial += 1;
    // What was counted was not told one by one, and what was listed is not any more: it begins anew.
    if (isCounted !== this.#isCounted) this.#forgottenSerial = this.#serial;
    this.#isCounted = isCounted;
    this.#count = shown.size;
    for (const identity of this.#dirty) {
      const profileJson = shown.get(identity);
      const isThere = profileJson !== undefined;
      if (isThere) this.#told.set(identity, profileJson);
      else this.#told.delete(identity);
      this.#joined.delete(identity);
      this.#left.delete(identity);
      if (isThere) this.#joined.set(identity, this.#serial);
      else this.#left.set(identity, this.#serial);
    }
    this.#dirty.clear();
    this.#frames.clear();
    for (const [identity, serial] of this.#left) {
      if (this.#left.size <= MAX_REMEMBERED) break;
      this.#left.delete(identity);
      this.#forgottenSerial = Math.max(this.#forgottenSerial, serial);
    }
    this.#version = versionOf(shown, isCounted);
    this.#serials.delete(this.#version);
    this.#serials.set(this.#version, this.#serial);
    const [oldest] = this.#serials.keys();
    if (this.#serials.size > MAX_REMEMBERED && oldest !== undefined) this.#serials.delete(oldest);
  }

  #frame(from: number): string {
    let text = this.#frames.get(from);
    if (text === undefined) {
      const full = from < 0 ? `,"full":true` : "";
      text = this.#encode(full, this.#isCounted ? "" : from < 0 ? this.#all() : this.#since(from));
      this.#frames.set(from, text);
    }
    return text;
  }

  #all(): string {
    return `,"joined":[${Array.from(this.#told, member).join(",")}],"left":[]`;
  }

  #since(from: number): string {
    const shown = this.#told;
    const joined: string[] = [];
    for (const [identity, serial] of this.#joined) {
      const profileJson = shown.get(identity);
      if (serial > from && profileJson !== undefined) joined.push(member([identity, profileJson]));
    }
    const left = Array.from(this.#left).filter(([identity, serial]) => serial > from && !shown.has(identity));
    const names = left.map(([identity]) => JSON.stringify(identity));
    return `,"joined":[${joined.join(",")}],"left":[${names.join(",")}]`;
  }

  #encode(full: string, rest: string): string {
    return `{"type":"presence","room":${JSON.stringify(this.#room)},"version":${this.#version}${full},"count":${this.#count}${rest}}`;
  }
}

function member([identity, profileJson]: readonly [string, string | null]): string {
  return `{"identity":${JSON.stringify(identity)},"profile":${profileJson ?? "null"}}`;
}

function isTooMuch(shown: ReadonlyMap<string, string | null>): boolean {
  if (shown.size > MAX_LISTED) return true;
  let characters = 0;
  for (const [identity, profileJson] of shown) characters += identity.length + (profileJson?.length ?? 0);
  return characters > MAX_LISTED_CHARACTERS;
}

/** 48 bits of what is told: from 1. */
function versionOf(shown: ReadonlyMap<string, string | null>, isCounted: boolean): number {
  const hash = createHash("sha256");
  if (isCounted) hash.update(`count ${shown.size}`);
  else for (const each of Array.from(shown, member).sort()) hash.update(`${each}\n`);
  return hash.digest().readUIntBE(0, 6) + 1;
}
