import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PositionTable, prepareReaderFile } from "./position-table.ts";

const BUSY_TIMEOUT_MS = 5_000;

/** In place of a file's path: kept in memory, and gone with the process. */
export const IN_MEMORY = ":memory:";

/** The file of one reader: its positions, and the tables that its effects keep. */
export class ReaderFile {
  readonly db: DatabaseSync;
  readonly positions: PositionTable;

  /**
   * Opens the file, or makes it.
   * @throws {CodedError} `reader-file` where it is something else; what SQLite throws where it can't be had.
   */
  constructor(path: string, now: number, tables: (db: DatabaseSync) => void) {
    this.db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      prepareReaderFile(this.db, now, tables);
      this.positions = new PositionTable(this.db);
    } catch (error) {
      this.db.close();
      throw error;
    }
  }

  /** Does work in one transaction, or none of it. */
  transact<Value>(work: () => Value): Value {
    this.db.exec("BEGIN IMMEDIATE");
    try {
      const value = work();
      this.db.exec("COMMIT");
      return value;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      throw error;
    }
  }

  /** As if it had been made now: forgets the positions, and who asked for that. In the caller's transaction. */
  forgetPositions(now: number): void {
    this.db.exec("DELETE FROM parlor_positions; DELETE FROM parlor_reader WHERE key = 'rebuild'");
    this.db.prepare("UPDATE parlor_reader SET value = ? WHERE key = 'made-at'").run(now);
  }

  /** What was erased is gone from the write-ahead log, too. */
  checkpoint(): void {
    this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }
}

export async function makeFolderOf(path: string): Promise<void> {
  if (path !== IN_MEMORY) await mkdir(dirname(path), { recursive: true });
}

/** Removes a reader's file, which nobody has open, with what SQLite keeps beside it. */
export async function removeReaderFile(path: string): Promise<void> {
  if (path === IN_MEMORY) return;
  for (const each of [path, `${path}-wal`, `${path}-shm`]) await rm(each, { force: true });
}

/**
 * Asks whoever has a reader's file, now or later, to make it anew.
 * @returns false where there is no such file.
 * @throws {CodedError} `reader-file` where it is something else.
 */
export function askForRebuild(path: string, now: number): boolean {
  if (!existsSync(path)) return false;
  const file = new ReaderFile(path, now, () => undefined);
  try {
    file.db.prepare("INSERT OR REPLACE INTO parlor_reader VALUES ('rebuild', ?)").run(now);
    return true;
  } finally {
    file.close();
  }
}
