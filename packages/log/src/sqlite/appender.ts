import { decideOnce } from "../once.ts";
import type { Append, Retention } from "../room-log.ts";
import { isSideRoom } from "../side-room.ts";
import {
  type AppendColumns,
  makeResults,
  putResult,
  type ResultColumns,
  type RowResult,
  unpackAppends,
} from "./append-columns.ts";
import { checksumOf } from "./checksum.ts";
import type { ProducerRow } from "./producer-rows.ts";
import type { RoomRow } from "./room-rows.ts";
import type { Store } from "./store.ts";

/** A repetition counts as a use of its producer; it is noted when the last note is this part of the time to keep old. */
const NOTE_USE_AFTER = 1 / 7;

/** Appends groups: messages, producers' rows and rooms' heads of one group in one transaction. */
export class Appender {
  readonly #store: Store;
  readonly #retention: Retention;
  readonly #noteUseAfterMs: number;
  /** Rooms that hold more than they may, by name, the longest waiting first. */
  readonly overfull = new Set<string>();

  constructor(store: Store, retention: Retention, producerRetentionMs: number) {
    this.#store = store;
    this.#retention = retention;
    this.#noteUseAfterMs = producerRetentionMs * NOTE_USE_AFTER;
  }

  /** The results, and the epochs that they name. */
  append(columns: AppendColumns): { readonly results: ResultColumns; readonly epochs: readonly string[] } {
    const epochs: string[] = [];
    const touched = new Set<RoomRow>();
    const results = this.#store.transaction(() => {
      const appends = [...unpackAppends(columns)];
      const results = makeResults(appends.length);
      appends.forEach((append, index) =>
        putResult(results, index, this.#one(append, columns.now, touched), epochs),
      );
      return results;
    });
    for (const room of touched) if (this.#isOverfull(room)) this.overfull.add(room.name);
    return { results, epochs };
  }

  #one(append: Append, now: number, touched: Set<RoomRow>): RowResult {
    let room = this.#store.room(append.room);
    const producer = append.remember ? this.#store.producer(room, append.from, append.producer) : undefined;
    const decision = decideOnce(append, producer);
    switch (decision.kind) {
      case "duplicate":
        if (producer !== undefined && now - producer.usedAt > this.#noteUseAfterMs)
          this.#noteUse(producer, now);
        return { kind: "duplicate", offset: decision.offset, room };
      case "append": {
        if (room.id === 0) room = this.#store.createRoom(room);
        const { offset, at } = this.#put(append, room, now);
        if (append.remember) {
          const mark = producer ?? this.#store.createProducer(room, append.from, append.producer);
          mark.seq = append.seq;
          mark.offset = offset;
          this.#noteUse(mark, now);
        }
        touched.add(room);
        return {
          kind: "appended",
          offset,
          at,
          room,
          newProducer: decision.newProducer,
        };
      }
      default:
        return decision;
    }
  }

  #put(append: Append, room: RoomRow, now: number): { offset: number; at: number } {
    const offset = room.head + 1;
    const at = Math.max(now, room.lastAt);
    const { from: identity, producer, seq, bodyJson: body } = append;
    const record = { offset, identity, producer, seq, at, re: append.re ?? null, body };
    const id = this.#store.nextMessageId();
    const checksum = checksumOf(room.name, record);
    this.#store.messages.insert({ id, prev: room.headId, room: room.id, checksum, ...record });
    if (room.earliest > room.head) {
      room.earliestAt = at;
      this.#store.roomChanged(room);
    } else {
      this.#store.roomExtended(room);
    }
    room.head = offset;
    room.headId = id;
    room.lastAt = at;
    room.bytes += Buffer.byteLength(body);
    return { offset, at };
  }

  #noteUse(producer: ProducerRow, now: number): void {
    producer.usedAt = now;
    this.#store.producerChanged(producer);
  }

  #isOverfull(room: RoomRow): boolean {
    if (isSideRoom(room.name)) return false;
    return room.head + 1 - room.earliest > this.#retention.messages || room.bytes > this.#retention.bytes;
  }
}
