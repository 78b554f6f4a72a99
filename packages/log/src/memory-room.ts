import { RingBuffer } from "@parlor/base";
import { DAY_MS } from "./log-options.ts";
import type { ProducerMark } from "./once.ts";
import { ReadBudget } from "./read-budget.ts";
import type {
  Append,
  Page,
  OwnWords,
  ReadBounds,
  Retention,
  RoomHead,
  RoomSummary,
  StoredMessage,
} from "./room-log.ts";

interface Kept {
  message: StoredMessage;
  bytes: number;
}

interface UsedMark extends ProducerMark {
  readonly usedAt: number;
}

/**
 * One room in memory. Its offsets have no holes, so that a message's place in the buffer is its
 * offset less `earliest`:
 *
 *     earliest ──▼                 head ──▼
 *              [ 4  5  6  7  8  9  10  11 ]
 */
export class MemoryRoom {
  readonly epoch: string;
  /** How often the room of this name was deleted before. */
  readonly generation: number;
  readonly #kept = new RingBuffer<Kept>();
  readonly #relatedOffsets = new Map<number, number[]>();
  /** The least recently used producer first. */
  readonly #producers = new Map<string, UsedMark>();
  #head = 0;
  #earliest = 1;
  #bytes = 0;
  #lastAt = 0;

  constructor(epoch: string, generation: number) {
    this.epoch = epoch;
    this.generation = generation;
  }

  get head(): number {
    return this.#head;
  }

  get earliest(): number {
    return this.#earliest;
  }

  markOf(append: Append): ProducerMark | undefined {
    return append.remember ? this.#producers.get(producerKey(append)) : undefined;
  }

  /** Moves the producer to the end of the line of those to be forgotten. */
  touch(append: Append, now: number): void {
    const key = producerKey(append);
    const mark = this.#producers.get(key);
    if (mark === undefined) return;
    this.#producers.delete(key);
    this.#producers.set(key, { ...mark, usedAt: now });
  }

  append(append: Append, now: number): StoredMessage {
    const offset = this.#head + 1;
    const at = Math.max(now, this.#lastAt);
    const { from, producer, seq, re, bodyJson } = append;
    const message: StoredMessage = {
      offset,
      from,
      producer,
      seq,
      at,
      ...(re === undefined ? {} : { re }),
      bodyJson,
    };
    const bytes = Buffer.byteLength(bodyJson);
    this.#kept.push({ message, bytes });
    this.#head = offset;
    this.#bytes += bytes;
    this.#lastAt = at;
    if (re !== undefined) {
      const offsets = this.#relatedOffsets.get(re);
      if (offsets === undefined) this.#relatedOffsets.set(re, [offset]);
      else offsets.push(offset);
    }
    if (append.remember) {
      const key = producerKey(append);
      this.#producers.delete(key);
      this.#producers.set(key, { seq, offset, usedAt: now });
    }
    return message;
  }

  headOf(newest: number): RoomHead {
    const after = Math.max(this.#earliest - 1, this.#head - newest);
    return { epoch: this.epoch, head: this.#head, earliest: this.#earliest, after };
  }

  read(after: number, bounds: ReadBounds): Page {
    const messages: StoredMessage[] = [];
    const budget = new ReadBudget(bounds);
    let offset = Math.max(this.#earliest, after + 1);
    for (; offset <= this.#head; offset++) {
      const message = this.#at(offset);
      if (message === undefined || !budget.take(message.bodyJson)) break;
      messages.push(message);
    }
    return this.#page(messages, offset <= this.#head);
  }

  readBefore(before: number, bounds: ReadBounds): Page {
    const messages: StoredMessage[] = [];
    const budget = new ReadBudget(bounds);
    let offset = Math.min(this.#head, before - 1);
    for (; offset >= this.#earliest; offset--) {
      const message = this.#at(offset);
      if (message === undefined || !budget.take(message.bodyJson)) break;
      messages.push(message);
    }
    return this.#page(messages.reverse(), offset >= this.#earliest);
  }

  related(offsets: readonly number[], perMessage: number, bounds: ReadBounds): StoredMessage[] {
    const found: number[] = [];
    for (const about of new Set(offsets)) {
      const all = this.#relatedOffsets.get(about) ?? [];
      found.push(...all.slice(Math.max(0, all.length - perMessage)));
    }
    found.sort((a, b) => b - a);
    const messages: StoredMessage[] = [];
    const budget = new ReadBudget(bounds);
    for (const offset of found) {
      const message = this.#at(offset);
      if (message === undefined || !budget.take(message.bodyJson)) break;
      messages.push(message);
    }
    return messages.reverse();
  }

  /** @param by  The identity that must have published it; undefined where anybody may have. */
  redact(offset: number, by?: string): "redacted" | "already" | "missing" {
    const kept = offset < this.#earliest ? undefined : this.#kept.at(offset - this.#earliest);
    if (kept === undefined || (by !== undefined && kept.message.from !== by)) return "missing";
    if (kept.message.bodyJson === null) return "already";
    this.#bytes -= kept.bytes;
    kept.bytes = 0;
    kept.message = { ...kept.message, bodyJson: null };
    return "redacted";
  }

  /** Where the messages about `re` lie that `own` speaks of. */
  ownAbout(re: number, { from, before }: OwnWords): readonly number[] {
    const all = this.#relatedOffsets.get(re) ?? [];
    return all.filter((offset) => offset < before && this.#at(offset)?.from === from);
  }

  /** Whether anything was forgotten. */
  trim(before: number): boolean {
    const earliest = this.#earliest;
    while (this.#earliest < before && this.#earliest <= this.#head) this.#forgetEarliest();
    return this.#earliest > earliest;
  }

  /** Whether anything was forgotten. */
  retain(retention: Retention, now: number): boolean {
    const earliest = this.#earliest;
    const oldestAt = now - retention.days * DAY_MS;
    for (;;) {
      const oldest = this.#kept.at(0);
      if (oldest === undefined) break;
      const isOver =
        this.#kept.length > retention.messages ||
        this.#bytes > retention.bytes ||
        oldest.message.at < oldestAt;
      if (!isOver) break;
      this.#forgetEarliest();
    }
    return this.#earliest > earliest;
  }

  forgetProducers(usedBefore: number): void {
    for (const [key, mark] of this.#producers) {
      if (mark.usedAt >= usedBefore) break;
      this.#producers.delete(key);
    }
  }

  summary(room: string): RoomSummary {
    return {
      room,
      epoch: this.epoch,
      head: this.#head,
      earliest: this.#earliest,
      messages: this.#kept.length,
      bytes: this.#bytes,
      lastAt: this.#lastAt,
    };
  }

  #at(offset: number): StoredMessage | undefined {
    return this.#kept.at(offset - this.#earliest)?.message;
  }

  #page(messages: StoredMessage[], more: boolean): Page {
    return { epoch: this.epoch, head: this.#head, earliest: this.#earliest, messages, more };
  }

  #forgetEarliest(): void {
    const kept = this.#kept.shift();
    if (kept === undefined) return;
    this.#earliest += 1;
    this.#bytes -= kept.bytes;
    const { re } = kept.message;
    if (re === undefined) return;
    const offsets = this.#relatedOffsets.get(re);
    offsets?.shift();
    if (offsets?.length === 0) this.#relatedOffsets.delete(re);
  }
}

function producerKey(append: Append): string {
  return `${append.from}\n${append.producer}`;
}
