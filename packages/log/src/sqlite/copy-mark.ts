import type { DatabaseSync } from "node:sqlite";
import type { CopyMark } from "../copy/copied-room.ts";
import { OpenRefused } from "./storage-fault.ts";

/** What is being copied into a file; it is said in the file itself. */
export function copyMarkIn(db: DatabaseSync): CopyMark | null {
  const row = db.prepare("SELECT value FROM meta WHERE key = 'copying'").get();
  return row === undefined ? null : (JSON.parse(String(row["value"])) as CopyMark);
}

export function setCopyMark(db: DatabaseSync, mark: CopyMark | null): void {
  if (mark === null) db.prepare("DELETE FROM meta WHERE key = 'copying'").run();
  else db.prepare("INSERT OR REPLACE INTO meta VALUES ('copying', ?)").run(JSON.stringify(mark));
}

/** @throws {OpenRefused} `log-unfinished`: only a part of the rooms may be there. */
export function requireWhole(db: DatabaseSync, file: string): void {
  const mark = copyMarkIn(db);
  if (mark === null) return;
  throw new OpenRefused(
    "log-unfinished",
    `the copy from ${mark.words} into ${file} has not ended, so rooms may be missing; say parlor copy again as before, and it goes on`,
  );
}
