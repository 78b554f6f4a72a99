import type { KeptEntry, StateRecord } from "./state-record.ts";

/** What a reader has taken. */
export interface StateCursor {
  /** All changes up to here that still hold. */
  readonly at: number;
  /**
   * While a whole state is being taken in parts: the head when that began. What was removed before then never
   * reached the reader. null behind the last part.
   */
  readonly since: number | null;
}

/** What lies behind a reader's cursor: the newest of each key, oldest change first. */
export interface StateSlice {
  /** It replaces all that the reader had. */
  readonly isFull: boolean;
  /** As members of a JSON object: `"AAPL":{…}`, and `"IBM":null` for a key that was removed. */
  readonly texts: readonly string[];
  /** Where the reader's cursor stands behind it. */
  readonly next: StateCursor;
  /** More lies behind that. */
  readonly more: boolean;
}

interface Entry {
  readonly version: number;
  /** null: removed at that version. */
  readonly valueJson: string | null;
}

/**
 * A room's state: the log of its changes compacted by key, and what lies behind any cursor on it.
 *
 *     set a=1   set b=1   set a=2   set b=null          entries, by version:  a=2 (3), b removed (4)
 *        1         2         3         4                behind cursor 2:      a=2, b=null
 *
 * A cursor is the version that a reader has seen. Since each key stands once, at its newest change, what lies
 * behind a cursor is never longer than the state, however much happened meanwhile. Removals are remembered
 * for as many keys as the state may hold; a cursor from before the oldest one forgotten (`floor`) is answered
 * in full.
 *
 * Pure: no log, no connection, no time.
 */
export class KeyedState {
  /** In the order of their versions, save while `#isSorted` is false. */
  #entries = new Map<string, Entry>();
  #isSorted = true;
  #removedCount = 0;
  #bytes = 0;
  #head = 0;
  #floor = 0;
  /** Changes up to here were never seen one by one; a `keep` may still bring what holds of them. */
  #unseenTo = 0;
  /** Removals that are remembered no more, while a `keep` may still come that was written before them. */
  readonly #forgotten = new Map<string, number>();
  readonly #maxRemoved: number;

  /** @param maxRemoved Removals that are remembered. */
  constructor(maxRemoved: number) {
    this.#maxRemoved = maxRemoved;
  }

  /** The newest change. */
  get head(): number {
    return this.#head;
  }

  /** Keys that have a value. */
  get keys(): number {
    return this.#entries.size - this.#removedCount;
  }

  /** UTF-8 bytes of keys and values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The JSON text of a key's value; null where it has none. */
  get(key: string): string | null {
    return this.#entries.get(key)?.valueJson ?? null;
  }

  /** Every key that has a value, oldest change first. */
  *values(): Generator<KeptEntry> {
    for (const [key, { version, valueJson }] of this.#sorted()) {
      if (valueJson !== null) yield { key, version, valueJson };
    }
  }

  /** Nothing is known of what lies up to `floor`. */
  reset(floor: number): void {
    this.#entries = new Map();
    this.#isSorted = true;
    this.#removedCount = this.#bytes = 0;
    this.#head = this.#floor = this.#unseenTo = floor;
    this.#forgotten.clear();
  }

  apply(offset: number, record: StateRecord | null): void {
    this.#head = offset;
    if (record?.kind === "set") this.#put(record.key, { version: offset, valueJson: record.valueJson });
    if (record?.kind !== "keep") return;
    for (const { key, version, valueJson } of record.entries) {
      // Who followed from before it has all of it, and what is not there any more was removed.
      if (version > this.#unseenTo) continue;
      if ((this.#entries.get(key)?.version ?? this.#forgotten.get(key) ?? 0) >= version) continue;
      // Here something was missed, so no cursor stands behind what it claims to.
      this.#put(key, { version, valueJson });
      this.#isSorted = false;
      this.#floor = offset;
    }
    // A later one was written behind these, and has nothing of them.
    for (const [key, version] of this.#forgotten) if (version <= record.upTo) this.#forgotten.delete(key);
  }

  /** Whether what lies behind `cursor` is known, removals included. */
  covers(cursor: StateCursor): boolean {
    return (cursor.since ?? cursor.at) >= this.#floor && cursor.at <= this.#head;
  }

  /**
   * What lies behind a cursor, up to about `maxBytes` of it and one entry at least; null where nothing does.
   * `cursor` null is a newcomer's. One that is not covered is answered in full.
   */
  behind(cursor: StateCursor | null, maxBytes: number): StateSlice | null {
    const known = cursor !== null && this.covers(cursor) ? cursor : null;
    if (known !== null && known.since === null && known.at === this.#head) return null;
    const isFull = known === null;
    const since = isFull ? this.#head : known.since;
    const from = known?.at ?? -1;
    const removedAfter = since ?? from;
    const texts: string[] = [];
    let bytes = 0;
    let to = from;
    for (const [key, { version, valueJson }] of this.#sorted()) {
      if (version <= (valueJson === null ? Math.max(from, removedAfter) : from)) continue;
      const text = `${JSON.stringify(key)}:${valueJson ?? "null"}`;
      const textBytes = Buffer.byteLength(text) + 1;
      if (texts.length > 0 && bytes + textBytes > maxBytes)
        return { isFull, texts, next: { at: to, since }, more: true };
      texts.push(text);
      bytes += textBytes;
      to = version;
    }
    return { isFull, texts, next: { at: this.#head, since: null }, more: false };
  }

  #put(key: string, entry: Entry): void {
    const before = this.#entries.get(key);
    if (before !== undefined) {
      // Deleted first, so that it stands at the end: the order of the entries is that of the versions.
      this.#entries.delete(key);
      if (before.valueJson === null) this.#removedCount -= 1;
      else this.#bytes -= stateBytes(key, before.valueJson);
    }
    this.#entries.set(key, entry);
    if (entry.valueJson !== null) {
      this.#bytes += stateBytes(key, entry.valueJson);
      return;
    }
    this.#removedCount += 1;
    if (this.#removedCount > this.#maxRemoved) this.#forgetRemovals();
  }

  /** The older half, so that not every removal has to look for the oldest. */
  #forgetRemovals(): void {
    let toForget = Math.ceil(this.#removedCount / 2);
    for (const [key, { version, valueJson }] of this.#sorted()) {
      if (valueJson !== null) continue;
      this.#entries.delete(key);
      this.#removedCount -= 1;
      this.#floor = Math.max(this.#floor, version);
      if (this.#unseenTo > 0) this.#forgotten.set(key, version);
      toForget -= 1;
      if (toForget === 0) return;
    }
  }

  #sorted(): ReadonlyMap<string, Entry> {
    if (!this.#isSorted) {
      this.#entries = new Map([...this.#entries].sort(([, a], [, b]) => a.version - b.version));
      this.#isSorted = true;
    }
    return this.#entries;
  }
}

/** What a key and its value count towards `maxStateBytes`. */
export function stateBytes(key: string, valueJson: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(valueJson);
}
