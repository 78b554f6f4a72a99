import { epochOf, type ProducerMark, type StoredMessage, type TailEvent } from "@parlor/log";
import { ERASED, NO_RE, type IndexedRecord, type IndexRow, RecordIndex } from "./record-index.ts";
import { continues, type PendingCopy, withPart } from "./pending-copy.ts";
import type { CopiedMark, RecordMessage, RoomRecord } from "./record.ts";

/** What became of a record that was read. */
export type Step =
  /** It is the room's next; so the room changed. */
  | { readonly kind: "valid"; readonly events: readonly TailEvent[] }
  /** It has no effect, here or anywhere. */
  | { readonly kind: "void" }
  /** Records before it were not seen, or others than its proposer saw: they must be read, and this one again. */
  | { readonly kind: "hole" };

interface UsedMark extends ProducerMark {
  readonly usedAt: number;
}

/** A room as of one record, as plain data: a pure function of the room's records up to that one. */
export interface FoldSnapshot {
  readonly seq: number;
  readonly id: string;
  readonly epochBase: string;
  readonly generation: number;
  readonly head: number;
  readonly earliest: number;
  readonly lastAt: number;
  readonly rows: readonly IndexRow[];
  readonly producers: readonly CopiedMark[];
  readonly unerased: readonly number[];
  readonly patched: readonly number[];
  readonly copying?: PendingCopy;
  readonly copiedHead?: number;
}

const VOID: Step = { kind: "void" };
const HOLE: Step = { kind: "hole" };

/**
 * One room, folded from its records in the order of the stream. No I/O, no clock: all nodes that fold the same
 * records are of one mind, and this, not the broker, decides what was appended.
 */
export class RoomFold {
  #epochBase: string;
  #generation = 0;
  #lastSeq = 0;
  #lastId = "";
  #seenSeq = 0;
  #lastAt = 0;
  #index = new RecordIndex();
  /** The least recently used first. */
  #producers = new Map<string, UsedMark>();
  #unerased = new Set<number>();
  #patched = new Set<number>();
  #copying: PendingCopy | null = null;
  #copiedHead: number | null = null;

  constructor(logEpoch: string) {
    this.#epochBase = logEpoch;
  }

  get epoch(): string {
    return epochOf(this.#epochBase, this.#generation);
  }
  /** Stream sequence of the last valid record; 0 where there is none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }
  /** Its id; empty where there is none. */
  get lastId(): string {
    return this.#lastId;
  }
  /** Up to which sequence the room's records were seen, valid or void. */
  get seenSeq(): number {
    return this.#seenSeq;
  }
  /** When the newest message was appended; 0 where there never was one. */
  get lastAt(): number {
    return this.#lastAt;
  }
  get index(): RecordIndex {
    return this.#index;
  }
  get producerCount(): number {
    return this.#producers.size;
  }
  /** What was copied of it from another log, while that is not all. */
  get copying(): PendingCopy | null {
    return this.#copying;
  }
  /** How far copies from another log wrote it, in this history; null where none did. */
  get copiedHead(): number | null {
    return this.#copiedHead;
  }
  /** The first record that is needed still; null where none is. */
  get firstSeq(): number | null {
    return this.#copying?.rows[0]?.[0] ?? this.#index.firstSeq;
  }
  /** Records with a body that is to be erased, and may still be there. */
  get unerased(): ReadonlySet<number> {
    return this.#unerased;
  }
  /** Records with kept messages that stand beside the stream, for a body of them was erased. */
  get patched(): ReadonlySet<number> {
    return this.#patched;
  }

  markOf(from: string, producer: string): UsedMark | undefined {
    return this.#producers.get(producerKey(from, producer));
  }

  /** When the least recently used producer was used; undefined where there is none. */
  get oldestUse(): number | undefined {
    let oldest: number | undefined;
    for (const { usedAt } of this.#producers.values()) oldest = Math.min(oldest ?? usedAt, usedAt);
    return oldest;
  }

  /**
   * Takes the record that the stream holds at `seq`.
   *
   * @param record     Null where it could not be read as one: that is void.
   * @param precededBy The sequence of the room's record before it, where the broker said so. Without it, no other
   *   record of the room may lie between what was seen and this one.
   * @param isWhole    Whether all that the room's records ever held before this one was looked for.
   */
  step(seq: number, record: RoomRecord | null, precededBy?: number, isWhole = false): Step {
    if (seq <= this.#seenSeq) return VOID;
    if (precededBy !== undefined && precededBy > this.#seenSeq) return HOLE;
    if (record !== null && !isWhole && this.#knowsMore(seq, record)) return HOLE;
    this.#seenSeq = seq;
    return record !== null && this.#follows(record) ? this.#take(seq, record) : VOID;
  }

  /**
   * Takes a record that follows the last although something else was seen in its place: a copy of the stream held that,
   * and another copy this one, which a later record names as the one before it.
   */
  mend(seq: number, record: RoomRecord): Step {
    if (seq <= this.#lastSeq || !this.#follows(record)) return VOID;
    this.#seenSeq = Math.max(seq, this.#seenSeq);
    return this.#take(seq, record);
  }

  snapshot(): FoldSnapshot {
    return {
      seq: this.#lastSeq,
      id: this.#lastId,
      epochBase: this.#epochBase,
      generation: this.#generation,
      head: this.#index.head,
      earliest: this.#index.earliest,
      lastAt: this.#lastAt,
      rows: this.#index.rows(),
      producers: this.producers(),
      unerased: [...this.#unerased],
      patched: [...this.#patched],
      ...(this.#copying === null ? {} : { copying: clone(this.#copying) }),
      ...(this.#copiedHead === null ? {} : { copiedHead: this.#copiedHead }),
    };
  }

  /** All marks, the least recently used first. */
  producers(): CopiedMark[] {
    return [...this.#producers].map(([key, { seq, offset, usedAt }]) => [key, seq, offset, usedAt]);
  }

  static restore(snapshot: FoldSnapshot): RoomFold {
    const fold = new RoomFold(snapshot.epochBase);
    fold.#generation = snapshot.generation;
    fold.#lastSeq = fold.#seenSeq = snapshot.seq;
    fold.#lastId = snapshot.id;
    fold.#lastAt = snapshot.lastAt;
    fold.#index = RecordIndex.of(snapshot.rows, snapshot.head, snapshot.earliest);
    fold.#remember(snapshot.producers);
    fold.#unerased = new Set(snapshot.unerased);
    fold.#patched = new Set(snapshot.patched);
    fold.#copying = snapshot.copying === undefined ? null : clone(snapshot.copying);
    fold.#copiedHead = snapshot.copiedHead ?? null;
    return fold;
  }

  /** Whether its proposer saw a valid record where none, or another one, was seen here. */
  #knowsMore(seq: number, { prev, prevId }: RoomRecord): boolean {
    return (prev > this.#lastSeq && prev < seq) || (prev === this.#lastSeq && prevId !== this.#lastId);
  }

  #take(seq: number, record: RoomRecord): Step {
    this.#lastSeq = seq;
    this.#lastId = record.id;
    return { kind: "valid", events: this.#apply(seq, record) };
  }

  #follows(record: RoomRecord): boolean {
    const { prev, prevId, epoch } = record;
    if (prev !== this.#lastSeq || prevId !== this.#lastId || epoch !== this.epoch) return false;
    const { head } = this.#index;
    const isAppended = record.copy === undefined || record.copy.isMore === true;
    return isAppended ? record.base === head : head === 0 && continues(this.#copying, record);
  }

  #apply(seq: number, record: RoomRecord): TailEvent[] {
    if (record.copy !== undefined && record.copy.isMore !== true) return this.#takeCopied(seq, record);
    const events: TailEvent[] = [];
    if (record.messages.length > 0) events.push(this.#append(seq, record));
    this.#remember(record.copy?.producers ?? []);
    if (record.copy?.end?.head === this.#index.head) this.#copiedHead = this.#index.head;
    for (const [from, producer] of record.touched ?? []) this.#touch(from, producer, record.at);
    if (record.forget !== undefined) this.#forget(record.forget);
    if (record.trim !== undefined && this.#index.trim(record.trim)) {
      events.push({ kind: "trimmed", earliest: this.#index.earliest });
    }
    for (const offset of record.redact ?? []) {
      const erased = this.#index.erase(offset);
      if (erased === null) continue;
      this.#unerased.add(erased);
      events.push({ kind: "redacted", offset });
    }
    for (const each of record.erased ?? []) {
      this.#unerased.delete(each);
      this.#patched.add(each);
    }
    if (record.trim !== undefined) this.#forgetPatched(this.#index.firstSeq ?? seq);
    if (record.isDelete === true) {
      this.#delete();
      events.push({ kind: "deleted" });
    }
    if (record.restart !== undefined) {
      this.#epochBase = record.restart;
      this.#copiedHead = null;
      const { head, earliest } = this.#index;
      events.push({ kind: "missed", epoch: this.epoch, head, earliest });
    }
    return events;
  }

  #takeCopied(seq: number, record: RoomRecord): TailEvent[] {
    const copied = withPart(this.#copying, seq, record);
    this.#copying = copied;
    const end = record.copy?.end;
    if (end === undefined) return [];
    this.#delete();
    this.#epochBase = end.epoch;
    this.#generation = 0;
    this.#lastAt = end.lastAt;
    this.#index = RecordIndex.of(copied.rows, end.head, end.earliest);
    this.#remember(copied.producers);
    this.#copiedHead = end.head;
    return [{ kind: "missed", epoch: this.epoch, head: end.head, earliest: end.earliest }];
  }

  #remember(marks: readonly CopiedMark[]): void {
    for (const [key, seq, offset, usedAt] of marks) {
      this.#producers.delete(key);
      this.#producers.set(key, { seq, offset, usedAt });
    }
  }

  #append(seq: number, record: RoomRecord): TailEvent {
    this.#copying = null;
    const after = this.#index.head;
    const at = record.ats?.at(-1) ?? record.at;
    const bytes = record.messages.map(({ bodyJson }) =>
      bodyJson === null ? ERASED : Buffer.byteLength(bodyJson),
    );
    const hasRe = record.messages.some(({ re }) => re !== undefined);
    const res = hasRe ? record.messages.map(({ re }) => re ?? NO_RE) : null;
    const indexed: IndexedRecord = { seq, base: after, at, bytes, res };
    this.#index.add(indexed);
    this.#lastAt = at;
    for (const [i, message] of record.messages.entries()) {
      if (!message.remember) continue;
      const key = producerKey(message.from, message.producer);
      this.#producers.delete(key);
      this.#producers.set(key, { seq: message.seq, offset: after + i + 1, usedAt: at });
    }
    return { kind: "messages", epoch: this.epoch, after, messages: storedMessages(record) };
  }

  #touch(from: string, producer: string, at: number): void {
    const key = producerKey(from, producer);
    const mark = this.#producers.get(key);
    if (mark === undefined) return;
    this.#producers.delete(key);
    this.#producers.set(key, { ...mark, usedAt: Math.max(at, mark.usedAt) });
  }

  #forget(usedBefore: number): void {
    for (const [key, { usedAt }] of this.#producers) {
      if (usedAt < usedBefore) this.#producers.delete(key);
    }
  }

  #forgetPatched(before: number): void {
    for (const each of this.#patched) if (each < before) this.#patched.delete(each);
  }

  #delete(): void {
    this.#generation += 1;
    this.#index = new RecordIndex();
    this.#producers = new Map();
    this.#unerased = new Set();
    this.#patched = new Set();
    this.#copying = null;
    this.#copiedHead = null;
    this.#lastAt = 0;
  }
}

function clone({ rows, producers, ...rest }: PendingCopy): PendingCopy {
  return { ...rest, rows: [...rows], producers: [...producers] };
}

/** The messages of a valid record. */
export function storedMessages({ base, at, ats, messages }: RoomRecord): StoredMessage[] {
  return messages.map(({ from, producer, seq, re, bodyJson }: RecordMessage, i) => ({
    offset: base + i + 1,
    from,
    producer,
    seq,
    at: ats?.[i] ?? at,
    ...(re === undefined ? {} : { re }),
    bodyJson,
  }));
}

/** What a producer's mark is found by. */
export function producerKey(from: string, producer: string): string {
  return `${from}\n${producer}`;
}
