import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { CodedError } from "@parlor/base";
import type { ReaderPosition, RoomPosition } from "./projection.ts";

/** "PRdr": what a reader's file says of itself. */
export const READER_APPLICATION_ID = 0x50526472;
/** Raised with every change of these tables; a file of another format is made anew. */
const FORMAT = 1;

const TABLES = `
  CREATE TABLE parlor_reader (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
  CREATE TABLE parlor_positions (
    room TEXT PRIMARY KEY, epoch TEXT NOT NULL, "offset" INTEGER NOT NULL, at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;

const COLUMNS = `room, epoch, "offset", at`;

/**
 * Where a reader is in its rooms, as tables of the file in which its effects are kept, so that one transaction
 * holds both. The caller begins and ends transactions.
 */
export class PositionTable {
  readonly #find: StatementSync;
  readonly #page: StatementSync;
  readonly #save: StatementSync;
  readonly #remove: StatementSync;
  readonly #value: StatementSync;

  /** @param db  Of a file that `prepareReaderFile` has prepared. */
  constructor(db: DatabaseSync) {
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM parlor_positions WHERE room = ?`);
    this.#page = db.prepare(`SELECT ${COLUMNS} FROM parlor_positions WHERE room > ? ORDER BY room LIMIT ?`);
    this.#save = db.prepare(
      `INSERT INTO parlor_positions VALUES (?, ?, ?, ?)
       ON CONFLICT (room) DO UPDATE SET epoch = excluded.epoch, "offset" = excluded."offset", at = excluded.at`,
    );
    this.#remove = db.prepare("DELETE FROM parlor_positions WHERE room = ?");
    this.#value = db.prepare("SELECT value FROM parlor_reader WHERE key = ?");
  }

  find(room: string): ReaderPosition | null {
    return (this.#find.get(room) as RoomPosition | undefined) ?? null;
  }

  page(afterName: string, limit: number): readonly RoomPosition[] {
    return this.#page.all(afterName, limit) as unknown as RoomPosition[];
  }

  save(room: string, { epoch, offset, at }: ReaderPosition): void {
    this.#save.run(room, epoch, offset, at);
  }

  put(room: string, position: ReaderPosition | null): void {
    if (position === null) this.#remove.run(room);
    else this.save(room, position);
  }

  get madeAt(): number {
    return Number(this.#valueOf("made-at"));
  }

  get isRebuildWanted(): boolean {
    return this.#valueOf("rebuild") !== undefined;
  }

  #valueOf(key: string): SQLInputValue | undefined {
    return this.#value.get(key)?.["value"];
  }
}

/**
 * Makes the tables in a file that is empty.
 * @param tables  Makes the tables of the effects.
 * @throws {CodedError} `reader-file` where the file is something else, or of another version.
 */
export function prepareReaderFile(db: DatabaseSync, now: number, tables: (db: DatabaseSync) => void): void {
  // What is erased is overwritten, not just unlinked.
  db.exec("PRAGMA secure_delete=ON");
  db.exec("PRAGMA journal_mode=WAL");
  // After a cut of power position and effects are those of one moment, if not of the last: what was lost of
  // them is read again.
  db.exec("PRAGMA synchronous=NORMAL");
  if (isPrepared(db)) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been quicker.
    if (!isPrepared(db)) {
      db.exec(`PRAGMA application_id=${READER_APPLICATION_ID}`);
      db.exec(`PRAGMA user_version=${FORMAT}`);
      db.exec(TABLES);
      db.prepare("INSERT INTO parlor_reader VALUES ('made-at', ?)").run(now);
      tables(db);
    }
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function isPrepared(db: DatabaseSync): boolean {
  const application = pragma(db, "application_id");
  const isEmpty = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (application === 0 && isEmpty) return false;
  if (application !== READER_APPLICATION_ID) {
    throw new CodedError("reader-file", "the file of a reader is something else; it was left as it is");
  }
  const format = pragma(db, "user_version");
  if (format === FORMAT) return true;
  throw new CodedError(
    "reader-file",
    `the file of a reader has format ${String(format)}, and this version of Parlor reads ${FORMAT}; delete it, and it is made anew`,
  );
}

function pragma(db: DatabaseSync, name: string): unknown {
  return db.prepare(`PRAGMA ${name}`).get()?.[name];
}
