import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { CodedError, randomId } from "@parlor/base";
import { makeFolder } from "../made-folder.ts";
import { existingLog, unreadable } from "./existing-log.ts";
import { FolderLock } from "./folder-lock.ts";
import { FORMAT, prepareFile } from "./format.ts";
import { openConnection, pragmaValue } from "./open-database.ts";

const FILE = "parlor.db";
/** Pages copied between two looks at what else is to be done: 16 MiB. */
const PAGES_AT_ONCE = 4_096;
const EPOCH_CHARACTERS = 12;

/** How far it is, in pages of the file. */
export type CopyProgress = (done: number, total: number) => void;

/** What belongs to a copy and lies beside it: fulfils when it is there. */
export type BesideCopy = () => Promise<void>;

const NOTHING_BESIDE: BesideCopy = () => Promise.resolve();

/**
 * Copies the log in `folder` to one new file, as of one moment, while a server may go on writing to it.
 * The copy is checked, synced and only then given its name: what has the name is whole.
 *
 * @param beside  Called behind the copy and before it has its name, so that whoever sees the one has the other.
 * @throws what `progress` or `beside` does, and no file is left: so a copy is broken off.
 * @throws {CodedError} `no-log`: there is none. `no-folder`: there is none to write into. `exists`: `target` is there already, and is left as it is.
 *   `damaged`: the copy is not sound; no file is left.
 */
export async function backupLog(
  folder: string,
  target: string,
  progress: CopyProgress,
  beside = NOTHING_BESIDE,
): Promise<void> {
  const file = existingLog(folder);
  if (existsSync(target)) throw new CodedError("exists", `${target} is there already; it was left as it is`);
  const around = dirname(target);
  if (!existsSync(around)) throw new CodedError("no-folder", `there is no folder ${around} to write into`);
  // Opened for reading only: a backup changes nothing, not even by a migration.
  const source = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    // One read for all steps of the copy: else each write between two of them has it begin anew, and a copy of much
    // beside a server that is busy would never end. Meanwhile the write-ahead file grows.
    beginReading(source, file);
    await copyInto(target, async (part) => {
      await copyPages(source, part, progress);
      source.exec("COMMIT");
      standAlone(part);
      requireSound(part);
      await beside();
    });
  } finally {
    source.close();
  }
}

/**
 * Puts a backup into a folder that has no log, under a new epoch: who had a cursor on the log that the
 * backup was made of is told that the history is another one, and skips nothing unawares.
 *
 * @param beside  As of `backupLog`; it is called with the folder locked.
 * @returns the new epoch.
 * @throws {CodedError} `no-log`: `source` is not there. `exists`: the folder has a log. `log-in-use`: a
 *   server has the folder. `log-not-ours`, `log-too-new`, `damaged`: `source` is not a sound log.
 */
export async function restoreLog(
  source: string,
  folder: string,
  progress: CopyProgress,
  beside = NOTHING_BESIDE,
): Promise<string> {
  if (!existsSync(source)) throw new CodedError("no-log", `there is no file ${source}`);
  makeFolder(folder);
  const lock = FolderLock.take(folder);
  try {
    const target = join(folder, FILE);
    if (existsSync(target))
      throw new CodedError(
        "exists",
        `${folder} has a log already, which was left as it is; restore into an empty folder, or move ${FILE} away`,
      );
    const epoch = randomId(EPOCH_CHARACTERS);
    await copyInto(target, async (part) => {
      const from = new DatabaseSync(source, { readOnly: true, timeout: 5_000 });
      try {
        requireSound(source);
        await copyPages(from, part, progress);
      } finally {
        from.close();
      }
      beginEpoch(part, source, epoch);
      await beside();
    });
    return epoch;
  } finally {
    lock.release();
  }
}

async function copyPages(from: DatabaseSync, part: string, progress: CopyProgress): Promise<void> {
  await backup(from, part, {
    rate: PAGES_AT_ONCE,
    progress: ({ totalPages, remainingPages }) => progress(totalPages - remainingPages, totalPages),
  });
}

/** One file by itself: whoever looked into a copy that is in WAL mode would leave neighbours beside it. */
function standAlone(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec("PRAGMA journal_mode=DELETE");
  } finally {
    db.close();
  }
}

/** Makes `target` by way of a part file beside it, synced before it has the name. */
async function copyInto(target: string, make: (part: string) => Promise<void>): Promise<void> {
  const part = `${target}.part`;
  await rm(part, { force: true });
  try {
    await make(part);
    await sync(part);
    await rename(part, target);
    await sync(dirname(target));
  } catch (error) {
    if (!isOfSqlite(error)) throw error;
    // A full disk, or a folder that takes no file: SQLite names neither.
    throw new CodedError("unavailable", `${target} can't be made: ${error.message}`, { cause: error });
  } finally {
    for (const end of ["", "-wal", "-shm", "-journal"]) await rm(`${part}${end}`, { force: true });
  }
}

function beginReading(source: DatabaseSync, file: string): void {
  try {
    source.exec("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1");
  } catch (error) {
    throw unreadable(file, error);
  }
}

function isOfSqlite(error: unknown): error is Error {
  return error instanceof Error && "errcode" in error;
}

async function sync(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function requireSound(file: string): void {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const verdict = pragmaValue(db, "integrity_check");
    if (verdict !== "ok") throw new CodedError("damaged", `${file} is damaged: ${String(verdict)}`);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CodedError("damaged", `${file} can't be read as a log: ${why}`, { cause: error });
  } finally {
    db.close();
  }
}

function beginEpoch(file: string, source: string, epoch: string): void {
  const db = openConnection(file);
  try {
    // One file by itself: a copy of a log in WAL mode would want its neighbours.
    db.exec("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL");
    if (pragmaValue(db, "user_version") === 0 && pragmaValue(db, "application_id") === 0)
      throw new CodedError("log-not-ours", `${source} is not a log of Parlor`);
    prepareFile(db, source, epoch);
    if (pragmaValue(db, "user_version") !== FORMAT) throw new Error("the format is not the one written");
    db.exec("BEGIN IMMEDIATE");
    db.prepare("UPDATE meta SET value = ? WHERE key = 'epoch'").run(epoch);
    // Rooms that were copied from another log begin a new one, too.
    db.exec("UPDATE rooms SET epoch = NULL WHERE epoch IS NOT NULL; COMMIT");
  } finally {
    db.close();
  }
}
