import { RingBuffer } from "@parlor/base";
import { decodeRecord, type RoomRecord } from "./record.ts";

/** Where the messages of one record lie, and what must be known of them without reading it. */
export interface IndexedRecord {
  /** In the stream. */
  readonly seq: number;
  /** Offset before its first message. */
  readonly base: number;
  readonly at: number;
  /** Of each message's body, in UTF-8; ERASED where it was erased. */
  readonly bytes: number[];
  /** Of each message, NO_RE for none; null where none has one. */
  readonly res: readonly number[] | null;
}

export const ERASED = -1;
export const NO_RE = -1;

/** Entry of a snapshot: `seq`, `base`, `at`, `bytes`, `res`. */
export type IndexRow = readonly [number, number, number, number[], readonly number[] | null];

/**
 * The kept messages of one room, by offset: the record of each, its size, and what it is about.
 *
 *     earliest ──▼           head ──▼
 *     [ · · 3 ][ 4 5 6 ][ 7 ][ 8 9 ]      one bracket a record; the first may hold forgotten ones
 */
export class RecordIndex {
  readonly #records = new RingBuffer<IndexedRecord>();
  readonly #related = new Map<number, number[]>();
  #head = 0;
  #earliest = 1;
  #bytes = 0;

  get head(): number {
    return this.#head;
  }
  get earliest(): number {
    return this.#earliest;
  }
  /** Of the bodies that are kept. */
  get bytes(): number {
    return this.#bytes;
  }
  get recordCount(): number {
    return this.#records.length;
  }

  add(record: IndexedRecord): void {
    this.#records.push(record);
    for (const [i, bytes] of record.bytes.entries()) {
      this.#head += 1;
      this.#bytes += Math.max(0, bytes);
      const re = record.res?.[i] ?? NO_RE;
      if (re === NO_RE) continue;
      const offsets = this.#related.get(re);
      if (offsets === undefined) this.#related.set(re, [this.#head]);
      else offsets.push(this.#head);
    }
  }

  /** The record that holds a kept message. */
  find(offset: number): IndexedRecord | undefined {
    if (offset < this.#earliest || offset > this.#head) return undefined;
    let low = 0;
    let high = this.#records.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#records.at(middle)?.base ?? Infinity) < offset) low = middle;
      else high = middle - 1;
    }
    return this.#records.at(low);
  }

  /** The kept messages about `offset`, ascending. */
  about(offset: number): readonly number[] {
    return this.#related.get(offset) ?? [];
  }

  /** Bytes of the body of a kept message; ERASED where it was erased. */
  sizeOf(offset: number): number | undefined {
    const record = this.find(offset);
    return record?.bytes[offset - record.base - 1];
  }

  /** Marks a kept message as erased; its record's sequence, or null where that changes nothing. */
  erase(offset: number): number | null {
    const record = this.find(offset);
    const bytes = record?.bytes[offset - record.base - 1];
    if (record === undefined || bytes === undefined || bytes === ERASED) return null;
    record.bytes[offset - record.base - 1] = ERASED;
    this.#bytes -= bytes;
    return record.seq;
  }

  /** Whether anything was forgotten. */
  trim(before: number): boolean {
    const until = Math.min(before, this.#head + 1);
    if (until <= this.#earliest) return false;
    while (this.#earliest < until) this.#forgetEarliest();
    return true;
  }

  /** The stream sequence from which on kept messages lie; null where none is kept. */
  get firstSeq(): number | null {
    return this.#records.at(0)?.seq ?? null;
  }

  /** Where `earliest` must go so that no limit is passed. */
  overBy(maxMessages: number, maxBytes: number, oldestAt: number): number {
    let bytes = this.#bytes;
    let offset = this.#earliest;
    for (let i = 0; i < this.#records.length && offset <= this.#head; i++) {
      const record = this.#records.at(i);
      if (record === undefined) break;
      for (; offset <= record.base + record.bytes.length; offset++) {
        const isOver = this.#head - offset + 1 > maxMessages || bytes > maxBytes || record.at < oldestAt;
        if (!isOver) return offset;
        bytes -= Math.max(0, record.bytes[offset - record.base - 1] ?? 0);
      }
    }
    return offset;
  }

  rows(): IndexRow[] {
    const rows: IndexRow[] = [];
    for (let i = 0; i < this.#records.length; i++) {
      const record = this.#records.at(i);
      if (record !== undefined) rows.push([record.seq, record.base, record.at, record.bytes, record.res]);
    }
    return rows;
  }

  static of(rows: readonly IndexRow[], head: number, earliest: number): RecordIndex {
    const index = new RecordIndex();
    index.#head = index.#earliest = rows[0]?.[1] ?? head;
    index.#earliest = index.#head + 1;
    for (const [seq, base, at, bytes, res] of rows) index.add({ seq, base, at, bytes: [...bytes], res });
    index.#head = head;
    index.trim(earliest);
    if (rows.length === 0) index.#earliest = earliest;
    return index;
  }

  #forgetEarliest(): void {
    const offset = this.#earliest;
    const record = this.#records.at(0);
    if (record === undefined) throw new Error("the index of a room has lost a record");
    const i = offset - record.base - 1;
    this.#bytes -= Math.max(0, record.bytes[i] ?? 0);
    const re = record.res?.[i] ?? NO_RE;
    if (re !== NO_RE) {
      const offsets = this.#related.get(re);
      offsets?.shift();
      if (offsets?.length === 0) this.#related.delete(re);
    }
    this.#earliest += 1;
    if (i + 1 >= record.bytes.length) this.#records.shift();
  }
}

/** Whether it is the record that was folded, and not what a copy of the stream that went wrong has in its place. */
export function isFolded({ base, at, bytes }: IndexedRecord, record: RoomRecord): boolean {
  const isAlike = record.base === base && (record.ats?.at(-1) ?? record.at) === at;
  return (
    isAlike &&
    record.messages.length === bytes.length &&
    record.messages.every(({ bodyJson }, i) => isBodyOf(bytes[i], bodyJson))
  );
}

/** Whether it is what was folded of the stream's sequence `seq`. */
export function isStoredAt(index: RecordIndex, seq: number, data: Uint8Array): boolean {
  const record = decodeRecord(data);
  const indexed = record === null ? undefined : index.find(record.base + record.messages.length);
  return record !== null && indexed?.seq === seq && isFolded(indexed, record);
}

function isBodyOf(bytes: number | undefined, bodyJson: string | null): boolean {
  return bodyJson === null || bytes === ERASED || Buffer.byteLength(bodyJson) === bytes;
}
