import type { DatabaseSync, StatementSync } from "node:sqlite";
import { DAY_MS } from "../log-options.ts";
import type { Retention, TailEvent } from "../room-log.ts";
import { isSideRoom } from "../side-room.ts";
import type { MessageRow } from "./message-rows.ts";
import type { RoomRow } from "./room-rows.ts";
import type { Store } from "./store.ts";
import { Unpurged } from "./unpurged.ts";

/** What a tail must be told of a room. */
export interface RoomEvent {
  readonly room: string;
  readonly event: TailEvent;
}

/** Rows that one step removes at most: a step is one transaction, and appends wait for it. */
const STEP_ROWS = 256;
/** Rooms that one step looks at, at most. */
const STEP_ROOMS = 32;
const SWEPT_PRODUCERS = 2_000;

/**
 * Everything that makes the log hold less. What may be long is a generator: each of its steps is one
 * transaction, and between two steps appends get their turn.
 */
export class Forgetter {
  readonly #store: Store;
  readonly #retention: Retention;
  readonly #tell: (events: readonly RoomEvent[]) => void;
  readonly #doom: StatementSync;
  readonly #nextDoomed: StatementSync;
  readonly #saveDoomed: StatementSync;
  readonly #endDoomed: StatementSync;
  readonly #unpurged: Unpurged;
  #sweptProducer = 0;
  /** Rooms may be over the limits that were filled before these limits were set, and nobody appends to them. */
  #mayBeOver: boolean;

  constructor(
    db: DatabaseSync,
    store: Store,
    retention: Retention,
    tell: (events: readonly RoomEvent[]) => void,
  ) {
    this.#store = store;
    this.#retention = retention;
    this.#mayBeOver = retention.messages < Infinity || retention.bytes < Infinity;
    this.#tell = tell;
    this.#doom = db.prepare("INSERT INTO doomed VALUES (?, ?, ?, ?)");
    this.#nextDoomed = db.prepare("SELECT room AS id, head, head_id AS headId, earliest FROM doomed LIMIT 1");
    this.#saveDoomed = db.prepare("UPDATE doomed SET head = ?, head_id = ? WHERE room = ?");
    this.#unpurged = new Unpurged(db);
    this.#endDoomed = db.prepare("DELETE FROM doomed WHERE room = ?");
  }

  *trim(name: string, before: number): Generator<undefined, number> {
    for (;;) {
      const room = this.#store.room(name);
      const target = Math.min(before, room.head + 1);
      if (!(room.earliest < target)) return room.earliest;
      this.#tell(
        this.#store.transaction(
          () => this.#forgetWhile(room, STEP_ROWS, () => room.earliest < target).events,
        ),
      );
      yield;
    }
  }

  /** Brings the rooms of `overfull` back to what they may hold, and takes them out of it. */
  *retain(overfull: Set<string>, now: () => number): Generator<undefined, undefined> {
    while (overfull.size > 0) {
      const done: string[] = [];
      const events = this.#store.transaction(() => {
        const events: RoomEvent[] = [];
        let rowsLeft = STEP_ROWS;
        for (const name of overfull) {
          const room = this.#store.room(name);
          const forgotten = this.#forgetWhile(room, rowsLeft, (row) => this.#isTooMuch(room, row, now()));
          events.push(...forgotten.events);
          rowsLeft -= forgotten.rows;
          if (rowsLeft <= 0) break;
          if (done.push(name) >= STEP_ROOMS) break;
        }
        return events;
      });
      for (const name of done) overfull.delete(name);
      this.#tell(events);
      yield;
    }
    return undefined;
  }

  /** Rooms with something that has grown too old, a number at a time. */
  roomsGrownOld(now: number): string[] {
    if (this.#retention.days === Infinity) return [];
    const ids = this.#store.rooms.olderThan(Math.floor(now - this.#retention.days * DAY_MS), STEP_ROWS);
    return ids.flatMap((id) => this.#store.rooms.findById(id)?.name ?? []);
  }

  /** Rooms that hold more than they may since before the log was opened, a number at a time, until there is none. */
  roomsFilledBefore(): string[] {
    if (!this.#mayBeOver) return [];
    const { messages, bytes } = this.#retention;
    const names = this.#store.rooms.fullerThan(messages, bytes, STEP_ROWS);
    this.#mayBeOver = names.length === STEP_ROWS;
    return names;
  }

  /** The room is gone when this returns; its messages leave the file in the steps of `removeDoomed`. */
  delete(name: string): boolean {
    const room = this.#store.room(name);
    if (room.head === 0) return false;
    this.#store.transaction(() => {
      this.#doom.run(room.id, room.head, room.headId, room.earliest);
      this.#unpurged.note();
      Object.assign(room, { head: 0, headId: 0, earliest: 1, earliestAt: null, bytes: 0, lastAt: 0 });
      room.generation += 1;
      this.#store.renewRoomId(room);
    });
    this.#tell([{ room: name, event: { kind: "deleted" } }]);
    return true;
  }

  hasDoomed(): boolean {
    return this.#nextDoomed.get() !== undefined;
  }

  *removeDoomed(): Generator<undefined, undefined> {
    for (;;) {
      const doomed = this.#nextDoomed.get() as Doomed | undefined;
      if (doomed === undefined) return undefined;
      this.#store.transaction(() => this.#removeSome(doomed));
      yield;
    }
  }

  /** Looks through a stretch of the producers and forgets those not used since; goes on there the next time. */
  sweepProducers(usedBefore: number): void {
    const slice = this.#store.producers.slice(this.#sweptProducer, SWEPT_PRODUCERS);
    this.#sweptProducer = slice.length < SWEPT_PRODUCERS ? 0 : (slice.at(-1)?.id ?? 0);
    const idle = slice.filter((producer) => producer.usedAt < usedBefore);
    if (idle.length === 0) return;
    this.#store.transaction(() => {
      for (const { id } of idle) this.#store.producers.remove(id);
    });
    this.#store.forgetProducers();
  }

  #isTooMuch(room: RoomRow, oldest: MessageRow, now: number): boolean {
    if (isSideRoom(room.name)) return false;
    return (
      room.head + 1 - room.earliest > this.#retention.messages ||
      room.bytes > this.#retention.bytes ||
      oldest.at < now - this.#retention.days * DAY_MS
    );
  }

  /** Removes the room's oldest messages, at most `maxRows`, while `isNext` says so. */
  #forgetWhile(
    room: RoomRow,
    maxRows: number,
    isNext: (row: MessageRow) => boolean,
  ): { readonly rows: number; readonly events: RoomEvent[] } {
    const { messages } = this.#store;
    let rows = 0;
    let oldest: MessageRow | undefined;
    walk: while (room.earliest <= room.head) {
      for (const row of messages.stretchUp(room, room.earliest)) {
        oldest = row;
        if (rows >= maxRows || !isNext(row)) break walk;
        messages.remove(row);
        room.earliest += 1;
        room.bytes -= row.body === null ? 0 : Buffer.byteLength(row.body);
        rows += 1;
      }
      oldest = undefined;
    }
    if (rows === 0) return { rows, events: [] };
    room.earliestAt = oldest?.at ?? null;
    this.#store.roomChanged(room);
    return { rows, events: [{ room: room.name, event: { kind: "trimmed", earliest: room.earliest } }] };
  }

  #removeSome(doomed: Doomed): void {
    let left = STEP_ROWS;
    const { messages, producers } = this.#store;
    for (const id of producers.ofRoom(doomed.id, left)) {
      producers.remove(id);
      left -= 1;
    }
    let { head, headId } = doomed;
    if (head >= doomed.earliest && left > 0) {
      for (const row of messages.walkDown({ ...doomed, name: "(deleted)" }, head)) {
        messages.remove(row);
        head = row.offset - 1;
        headId = row.prev;
        if ((left -= 1) <= 0) break;
      }
    }
    if (left > 0) this.#endDoomed.run(doomed.id);
    else this.#saveDoomed.run(head, headId, doomed.id);
  }
}

interface Doomed {
  readonly id: number;
  readonly head: number;
  readonly headId: number;
  readonly earliest: number;
}
