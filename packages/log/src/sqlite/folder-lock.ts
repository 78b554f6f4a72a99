import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OpenRefused } from "./storage-fault.ts";

/**
 * Keeps every other process out of a folder while this one has it.
 *
 * It is an exclusive lock of SQLite's own on an empty file beside the log, so the system lets go of it
 * when the process ends, however it ends, and no stale lock can be left behind.
 */
export class FolderLock {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** @throws {OpenRefused} `log-in-use` where another log, of this process or another, has the folder. */
  static take(folder: string): FolderLock {
    const db = new DatabaseSync(join(folder, "parlor.lock"), { timeout: 0 });
    try {
      db.exec("BEGIN EXCLUSIVE");
      return new FolderLock(db);
    } catch (error) {
      db.close();
      if (!(error instanceof Error && "errcode" in error && error.errcode === 5)) throw error;
      throw new OpenRefused(
        "log-in-use",
        `another process has the log in ${folder} open; stop it, or choose another folder`,
      );
    }
  }

  release(): void {
    if (this.#db.isOpen) this.#db.close();
  }
}
