import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { CodedError } from "@parlor/base";
import type { CopiedRoom, CopyMark, CopyTarget, RoomLack } from "../copy/copied-room.ts";
import { makeFolder } from "../made-folder.ts";
import { KEEP_EVERYTHING, type StoredMessage } from "../room-log.ts";
import { CopiedLosses } from "./copied-losses.ts";
import { CopiedRows } from "./copied-rows.ts";
import { copyMarkIn, setCopyMark } from "./copy-mark.ts";
import { SqliteRooms } from "./copy-source.ts";
import { FolderLock } from "./folder-lock.ts";
import { Forgetter } from "./forgetter.ts";
import { prepareFile } from "./format.ts";
import { makeDurable, openConnection } from "./open-database.ts";
import { faultOf } from "./storage-fault.ts";
import { Store } from "./store.ts";

/** Pages in the write-ahead log at which they are copied into the file: 16 MiB. */
const CHECKPOINT_AT_PAGES = 4_096;

/** The log of a folder that rooms are copied into; it is made where there is none. No server may have it meanwhile. */
export class SqliteCopyTarget implements CopyTarget {
  /** A file takes one transaction at a time. */
  readonly roomsAtOnce = 1;
  readonly id: string;
  readonly epoch: string;
  readonly words: string;
  readonly #db: DatabaseSync;
  readonly #lock: FolderLock;
  readonly #rooms: SqliteRooms;
  readonly #rows: CopiedRows;
  readonly #losses: CopiedLosses;

  private constructor(folder: string, db: DatabaseSync, lock: FolderLock) {
    this.#db = db;
    this.#lock = lock;
    this.#rooms = new SqliteRooms(db);
    this.id = this.epoch = this.#rooms.epoch;
    this.#rows = new CopiedRows(db, this.epoch);
    this.#losses = new CopiedLosses(db);
    this.words = `the log in ${folder}`;
  }

  /**
   * @param epoch  Of a log that is made now.
   * @throws {CodedError} `log-in-use`: a server has the folder; `log-not-ours`, `log-too-new`; `unavailable`.
   */
  static open(folder: string, epoch: string): SqliteCopyTarget {
    return inWords(() => {
      makeFolder(folder);
      const lock = FolderLock.take(folder);
      let db: DatabaseSync | null = null;
      try {
        const file = join(folder, "parlor.db");
        db = openConnection(file);
        prepareFile(db, file, epoch);
        db.close();
        db = openConnection(file);
        makeDurable(db);
        db.exec(`PRAGMA wal_autocheckpoint=${CHECKPOINT_AT_PAGES}`);
        // What a copy left that broke off.
        const forgetter = new Forgetter(db, new Store(db), KEEP_EVERYTHING, () => undefined);
        for (const _ of forgetter.removeDoomed());
        return new SqliteCopyTarget(folder, db, lock);
      } catch (error) {
        if (db?.isOpen === true) db.close();
        lock.release();
        throw error;
      }
    });
  }

  async *names(): AsyncGenerator<string> {
    yield* this.#rooms.names();
  }

  async room(name: string): Promise<CopiedRoom | null> {
    return inWords(() => this.#rooms.room(name));
  }

  async *messages(room: string, after: number): AsyncGenerator<readonly StoredMessage[]> {
    yield* this.#rooms.messages(room, after);
  }

  async mark(): Promise<CopyMark | null> {
    return inWords(() => copyMarkIn(this.#db));
  }

  async begin(mark: CopyMark): Promise<void> {
    inWords(() => setCopyMark(this.#db, mark));
  }

  async end(): Promise<void> {
    inWords(() => {
      this.#losses.purge();
      setCopyMark(this.#db, null);
    });
  }

  async write(
    room: CopiedRoom,
    messages: (after: number) => AsyncIterable<readonly StoredMessage[]>,
    written: (count: number) => void,
  ): Promise<void> {
    try {
      await this.#rows.write(room, messages(room.earliest - 1), written);
    } catch (error) {
      throw worded(error);
    }
  }

  async add(
    room: CopiedRoom,
    lack: RoomLack,
    messages: (after: number) => AsyncIterable<readonly StoredMessage[]>,
    written: (count: number) => void,
  ): Promise<void> {
    try {
      if (lack.erased.length > 0) this.#losses.erase(room.room, lack.erased);
      this.#losses.trim(room.room, room.earliest);
      await this.#rows.add(room, lack, messages(lack.after), written);
    } catch (error) {
      throw worded(error);
    }
  }

  async remove(name: string): Promise<void> {
    inWords(() => this.#losses.remove(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close();
    this.#lock.release();
  }
}

function inWords<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw worded(error);
  }
}

function worded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError("unavailable", `it is not done, and can be said again: ${faultOf(error).message}`, {
    cause: error,
  });
}
