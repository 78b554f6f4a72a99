import { DatabaseSync } from "node:sqlite";
import { OpenRefused } from "./storage-fault.ts";

const BUSY_TIMEOUT_MS = 5_000;
const CACHE_KIBIBYTES = 16_384;
/** The write-ahead log is cut back to this after a burst; below it the file is written over, not grown. */
const WAL_LIMIT_BYTES = 67_108_864;

/** Opens a connection without changing anything in the file. */
export function openConnection(file: string): DatabaseSync {
  return new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
}

/**
 * Puts a connection into the mode that "durable" stands on, and reads back what was set: a setting
 * that did not take is an error in words, never a quieter promise.
 */
export function makeDurable(db: DatabaseSync): void {
  requireSoundSqlite(db);
  set(db, "journal_mode", "WAL", "wal");
  set(db, "synchronous", "FULL", 2);
  // On macOS only these reach the disk itself; elsewhere they change nothing.
  set(db, "fullfsync", "ON", 1);
  set(db, "checkpoint_fullfsync", "ON", 1);
  // What is erased or forgotten is overwritten, not just unlinked.
  set(db, "secure_delete", "ON", 1);
  // Checkpoints are made by a thread of their own, so that they do not stall commits.
  set(db, "wal_autocheckpoint", "0", 0);
  set(db, "journal_size_limit", `${WAL_LIMIT_BYTES}`, WAL_LIMIT_BYTES);
  set(db, "cache_size", `-${CACHE_KIBIBYTES}`, -CACHE_KIBIBYTES);
}

function set(db: DatabaseSync, pragma: string, value: string, expected: unknown): void {
  db.exec(`PRAGMA ${pragma}=${value}`);
  const actual = pragmaValue(db, pragma);
  if (actual === expected) return;
  throw new OpenRefused(
    "log-unsafe",
    `SQLite did not take ${pragma}=${value} (it says ${JSON.stringify(actual)}), so nothing could be promised`,
  );
}

/** The first column of a pragma's first row. */
export function pragmaValue(db: DatabaseSync, pragma: string): unknown {
  const row = db.prepare(`PRAGMA ${pragma}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}

function requireSoundSqlite(db: DatabaseSync): void {
  const version = String(db.prepare("SELECT sqlite_version() AS version").get()?.["version"]);
  if (!hasWalResetFix(version)) {
    throw new OpenRefused(
      "log-unsafe",
      `this Node carries SQLite ${version}, which can corrupt a file when a checkpoint meets a commit; ` +
        "use a Node with SQLite 3.51.3 or later",
    );
  }
}

/** SQLite 3.7.0 to 3.51.2 may take a reset write-ahead log for a checkpointed one; two branches got the fix too. */
export function hasWalResetFix(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major !== 3) return major > 3;
  if (minor === 44) return patch >= 6;
  if (minor === 50) return patch >= 7;
  return minor > 51 || (minor === 51 && patch >= 3);
}
