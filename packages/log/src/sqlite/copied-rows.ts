import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CopiedRoom, RoomLack } from "../copy/copied-room.ts";
import type { StoredMessage } from "../room-log.ts";
import { checksumOf } from "./checksum.ts";
import { CopiedHeads } from "./copied-heads.ts";
import { MessageRows } from "./message-rows.ts";
import { ProducerRows } from "./producer-rows.ts";
import { RoomRows } from "./room-rows.ts";

/**
 * Rows of rooms that are copied into a file. Until its last transaction a new room's rows belong to an id that is among
 * the doomed, as those of a deleted room are: nobody sees them, and where the copy breaks off whoever opens the file
 * next removes them. What is added to a room is seen at once, a page at a time.
 */
export class CopiedRows {
  readonly #db: DatabaseSync;
  readonly #fileEpoch: string;
  readonly #messages: MessageRows;
  readonly #producers: ProducerRows;
  readonly #rooms: RoomRows;
  readonly #copiedHeads: CopiedHeads;
  readonly #newestRoomId: StatementSync;
  readonly #doom: StatementSync;
  readonly #pardon: StatementSync;
  #newestMessageId: number;

  constructor(db: DatabaseSync, fileEpoch: string) {
    this.#db = db;
    this.#fileEpoch = fileEpoch;
    this.#messages = new MessageRows(db);
    this.#producers = new ProducerRows(db);
    this.#rooms = new RoomRows(db);
    this.#copiedHeads = new CopiedHeads(db);
    this.#newestMessageId = this.#messages.newestId();
    this.#newestRoomId = db.prepare(
      "SELECT max((SELECT coalesce(max(id), 0) FROM rooms), (SELECT coalesce(max(room), 0) FROM doomed)) AS id",
    );
    this.#doom = db.prepare("INSERT OR REPLACE INTO doomed VALUES (?, ?, ?, ?)");
    this.#pardon = db.prepare("DELETE FROM doomed WHERE room = ?");
  }

  /** Each page is one transaction, and the last one makes the room. */
  async write(
    room: CopiedRoom,
    pages: AsyncIterable<readonly StoredMessage[]>,
    written: (count: number) => void,
  ): Promise<void> {
    const id = Number(this.#newestRoomId.get()?.["id"]) + 1;
    const last = { id: 0, offset: room.earliest - 1 };
    let earliestAt: number | null = null;
    let bytes = 0;
    for await (const page of pages) {
      earliestAt ??= page[0]?.at ?? null;
      this.#transaction(() => {
        for (const message of page) {
          last.id = this.#insert(room.room, id, last.id, message);
          last.offset = message.offset;
          bytes += Buffer.byteLength(message.bodyJson ?? "");
        }
        this.#doom.run(id, last.offset, last.id, room.earliest);
      });
      written(page.length);
    }
    this.#transaction(() => {
      for (const { from, producer, seq, offset, usedAt } of room.producers) {
        this.#producers.save({ id: 0, room: id, identity: from, producer, seq, offset, usedAt });
      }
      this.#pardon.run(id);
      const { head, earliest, lastAt } = room;
      const epoch = room.epoch === this.#fileEpoch ? null : room.epoch;
      // A room that was deleted here has a row still.
      const row = this.#rooms.find(room.room);
      const made = {
        ...row,
        id,
        generation: 0,
        head,
        headId: last.id,
        earliest,
        earliestAt,
        bytes,
        lastAt,
        epoch,
      };
      if (row.id === 0) this.#rooms.insert(made);
      else this.#rooms.save(made, row.id);
      this.#copiedHeads.set(id, head);
    });
  }

  /** Adds to a room that is there. Each page is one transaction, and the last one has what is remembered of producers. */
  async add(
    room: CopiedRoom,
    lack: RoomLack,
    pages: AsyncIterable<readonly StoredMessage[]>,
    written: (count: number) => void,
  ): Promise<void> {
    const row = this.#rooms.find(room.room);
    for await (const page of pages) {
      this.#transaction(() => {
        for (const message of page) {
          row.headId = this.#insert(room.room, row.id, row.headId, message);
          row.head = message.offset;
          row.lastAt = message.at;
          row.earliestAt ??= message.at;
          row.bytes += Buffer.byteLength(message.bodyJson ?? "");
        }
        this.#rooms.save(row);
      });
      written(page.length);
    }
    this.#transaction(() => {
      for (const { from, producer, seq, offset, usedAt } of lack.producers) {
        const known = this.#producers.find(row.id, from, producer);
        const mark = known ?? { id: 0, room: row.id, identity: from, producer };
        this.#producers.save({ ...mark, seq, offset, usedAt });
      }
      // What was written here since is no copy.
      if (row.head === room.head) this.#copiedHeads.set(row.id, row.head);
    });
  }

  #insert(room: string, roomId: number, prev: number, message: StoredMessage): number {
    const { offset, from: identity, producer, seq, at, re, bodyJson: body } = message;
    const record = { offset, identity, producer, seq, at, re: re ?? null, body };
    this.#newestMessageId += 1;
    const checksum = checksumOf(room, record);
    this.#messages.insert({ id: this.#newestMessageId, prev, room: roomId, checksum, ...record });
    return this.#newestMessageId;
  }

  #transaction(work: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}
