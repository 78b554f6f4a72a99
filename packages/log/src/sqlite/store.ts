import type { DatabaseSync } from "node:sqlite";
import { BoundedCache } from "./bounded-cache.ts";
import { MessageRows } from "./message-rows.ts";
import { type ProducerRow, ProducerRows } from "./producer-rows.ts";
import { type RoomRow, RoomRows } from "./room-rows.ts";

const MAX_CACHED_ROOMS = 20_000;
const MAX_CACHED_PRODUCERS = 100_000;

/**
 * The writer's view of the file: its tables, the rows in use kept in memory, and transactions.
 *
 * Rows taken from here are changed in place and saved when the transaction ends. A transaction that
 * fails empties the memory too, so that nothing is believed that the file does not say.
 */
export class Store {
  readonly messages: MessageRows;
  readonly #db: DatabaseSync;
  readonly #rooms: RoomRows;
  readonly #producers: ProducerRows;
  readonly #cachedRooms = new BoundedCache<RoomRow>(MAX_CACHED_ROOMS);
  readonly #cachedProducers = new BoundedCache<ProducerRow>(MAX_CACHED_PRODUCERS);
  readonly #changedRooms = new Set<RoomRow>();
  /** Rooms of which nothing but the head changed. */
  readonly #extendedRooms = new Set<RoomRow>();
  readonly #changedProducers = new Set<ProducerRow>();
  #newestRoomId: number;
  #newestMessageId: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#rooms = new RoomRows(db);
    this.#producers = new ProducerRows(db);
    this.messages = new MessageRows(db);
    this.#newestMessageId = this.messages.newestId();
    this.#newestRoomId = Number(
      db
        .prepare(
          "SELECT max((SELECT coalesce(max(id), 0) FROM rooms), (SELECT coalesce(max(room), 0) FROM doomed)) AS id",
        )
        .get()?.["id"],
    );
  }

  get rooms(): RoomRows {
    return this.#rooms;
  }

  get producers(): ProducerRows {
    return this.#producers;
  }

  /** All of `work` and of the rows it changed is durable when this returns, or nothing is and it throws. */
  transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      for (const room of this.#changedRooms) this.#rooms.save(room);
      for (const room of this.#extendedRooms) {
        if (!this.#changedRooms.has(room)) this.#rooms.saveHead(room);
      }
      for (const producer of this.#changedProducers) this.#producers.save(producer);
      this.#db.exec("COMMIT");
      this.#changedRooms.clear();
      this.#extendedRooms.clear();
      this.#changedProducers.clear();
      this.#cachedRooms.shrink();
      this.#cachedProducers.shrink();
      return result;
    } catch (error) {
      this.#forgetRows();
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  room(name: string): RoomRow {
    const cached = this.#cachedRooms.get(name);
    if (cached !== undefined) return cached;
    const row = this.#rooms.find(name);
    // An unwritten room is not kept: it stores nothing, in memory either.
    if (row.id > 0) this.#cachedRooms.set(row.name, row);
    return row;
  }

  /** The row of an unwritten room, made. */
  createRoom(row: RoomRow): RoomRow {
    this.#newestRoomId += 1;
    // A copy of its own: `name` may be a slice that would keep the text of a whole group alive.
    const room = { ...row, id: this.#newestRoomId, name: Buffer.from(row.name).toString() };
    this.#rooms.insert(room);
    this.#cachedRooms.set(room.name, room);
    return room;
  }

  /** Gives the room a new id, so that the old one's messages are nobody's. */
  renewRoomId(room: RoomRow): void {
    const oldId = room.id;
    this.#newestRoomId += 1;
    room.id = this.#newestRoomId;
    this.#rooms.save(room, oldId);
  }

  producer(room: RoomRow, identity: string, producer: string): ProducerRow | undefined {
    const key = producerKey(room.id, identity, producer);
    const cached = this.#cachedProducers.get(key);
    if (cached !== undefined) return cached;
    const row = this.#producers.find(room.id, identity, producer);
    if (row !== undefined) this.#cachedProducers.set(key, row);
    return row;
  }

  createProducer(room: RoomRow, identity: string, producer: string): ProducerRow {
    const row = { id: 0, room: room.id, identity, producer, seq: 0, offset: 0, usedAt: 0 };
    this.#cachedProducers.set(producerKey(room.id, identity, producer), row);
    return row;
  }

  nextMessageId(): number {
    return (this.#newestMessageId += 1);
  }

  roomChanged(room: RoomRow): void {
    this.#changedRooms.add(room);
  }

  /** Its head moved, with the bytes and the time that go with it, and nothing else changed. */
  roomExtended(room: RoomRow): void {
    this.#extendedRooms.add(room);
  }

  producerChanged(producer: ProducerRow): void {
    this.#changedProducers.add(producer);
  }

  /** To be called where producers' rows were removed. */
  forgetProducers(): void {
    this.#cachedProducers.clear();
  }

  #forgetRows(): void {
    this.#changedRooms.clear();
    this.#extendedRooms.clear();
    this.#changedProducers.clear();
    this.#cachedRooms.clear();
    this.#cachedProducers.clear();
  }
}

function producerKey(room: number, identity: string, producer: string): string {
  return `${room}\n${identity}\n${producer}`;
}
