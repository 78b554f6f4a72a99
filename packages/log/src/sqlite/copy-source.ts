import { DatabaseSync } from "node:sqlite";
import { CodedError } from "@parlor/base";
import { existingLog } from "./existing-log.ts";
import type { CopiedProducer, CopiedRoom, CopySource } from "../copy/copied-room.ts";
import { epochOf } from "../epoch.ts";
import type { StoredMessage } from "../room-log.ts";
import { CopiedHeads } from "./copied-heads.ts";
import { requireWhole } from "./copy-mark.ts";
import { FolderLock } from "./folder-lock.ts";
import { epochIn } from "./format.ts";
import { requireReadable } from "./log-view.ts";
import { unpackMessages } from "./page-columns.ts";
import { Reader } from "./reader.ts";
import { RoomRows } from "./room-rows.ts";
import { DamagedRecord, faultOf } from "./storage-fault.ts";

const NAMES_AT_ONCE = 1_000;
const BOUNDS = Object.freeze({ maxMessages: 1_000, maxBytes: 1_048_576 });

/** The rooms of a connection's file, as they are copied. */
export class SqliteRooms {
  readonly epoch: string;
  readonly #rooms: RoomRows;
  readonly #reader: Reader;
  readonly #copiedHeads: CopiedHeads;
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#copiedHeads = new CopiedHeads(db);
    this.#rooms = new RoomRows(db);
    this.#reader = new Reader(db);
    this.epoch = epochIn(db);
  }

  *names(): Generator<string> {
    const page = this.#db.prepare("SELECT name FROM rooms WHERE name > ? ORDER BY name LIMIT ?");
    for (let after = ""; ; ) {
      const names = page.all(after, NAMES_AT_ONCE).map(({ name }) => String(name));
      yield* names;
      const last = names.at(-1);
      if (last === undefined) return;
      after = last;
    }
  }

  room(name: string): CopiedRoom | null {
    const row = this.#rooms.find(name);
    if (row.id === 0) return null;
    const { head, earliest, lastAt, generation } = row;
    const epoch = epochOf(row.epoch ?? this.epoch, generation);
    const producers: unknown = this.#db
      .prepare(
        `SELECT identity AS "from", producer, seq, "offset", used_at AS usedAt FROM producers WHERE room = ? ORDER BY used_at, id`,
      )
      .all(row.id);
    const copiedHead = this.#copiedHeads.of(row.id);
    return {
      room: name,
      epoch,
      head,
      earliest,
      lastAt,
      producers: producers as CopiedProducer[],
      copiedHead,
    };
  }

  *messages(room: string, after: number): Generator<readonly StoredMessage[]> {
    for (let from = after; ; ) {
      const { messages, more } = this.#read(room, from);
      if (messages.length > 0) yield messages;
      if (!more) return;
      from = messages.at(-1)?.offset ?? from;
    }
  }

  #read(
    room: string,
    after: number,
  ): { readonly messages: readonly StoredMessage[]; readonly more: boolean } {
    try {
      const answer = this.#reader.answer({ kind: "read", room, after, bounds: BOUNDS });
      if (answer.kind !== "page") throw new Error(`asked for a page, the reader gave ${answer.kind}`);
      return { messages: unpackMessages(answer.page.messages), more: answer.page.more };
    } catch (error) {
      const code = error instanceof DamagedRecord ? "damaged" : "unavailable";
      throw new CodedError(code, faultOf(error).message, { cause: error });
    }
  }
}

/** The log of a folder, to be copied: no server may have it meanwhile, and it is left as it is. */
export class SqliteCopySource implements CopySource {
  /** Each answer comes at once. */
  readonly roomsAtOnce = 1;
  readonly id: string;
  readonly epoch: string;
  readonly words: string;
  readonly #db: DatabaseSync;
  readonly #lock: FolderLock;
  readonly #rooms: SqliteRooms;

  private constructor(folder: string, db: DatabaseSync, lock: FolderLock) {
    this.#db = db;
    this.#lock = lock;
    this.#rooms = new SqliteRooms(db);
    this.id = this.epoch = this.#rooms.epoch;
    this.words = `the log in ${folder}`;
  }

  /** @throws {CodedError} `no-log`; `log-in-use`: a server has the folder; `log-not-ours`, `log-format`. */
  static open(folder: string): SqliteCopySource {
    const file = existingLog(folder);
    const lock = FolderLock.take(folder);
    let db: DatabaseSync | null = null;
    try {
      db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
      requireReadable(db, file);
      requireWhole(db, file);
      return new SqliteCopySource(folder, db, lock);
    } catch (error) {
      db?.close();
      lock.release();
      throw error;
    }
  }

  async *names(): AsyncGenerator<string> {
    yield* this.#rooms.names();
  }

  async room(name: string): Promise<CopiedRoom | null> {
    return this.#rooms.room(name);
  }

  async *messages(room: string, after: number): AsyncGenerator<readonly StoredMessage[]> {
    yield* this.#rooms.messages(room, after);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close();
    this.#lock.release();
  }
}
