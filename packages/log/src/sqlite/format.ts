import type { DatabaseSync } from "node:sqlite";
import { pragmaValue } from "./open-database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { OpenRefused } from "./storage-fault.ts";

/** "PRLR", so that a file says whose it is. */
export const APPLICATION_ID = 0x50524c52;

/** The format that this code writes. Each earlier one has a migration; docs of each: `migrations.ts`. */
export const FORMAT = 3;

/**
 * A message names the one before it in its room, and each room's every 32nd message is also in
 * `anchors`. So one append dirties the last page of `messages` and little else, however many rooms
 * there are; a unique index over (room, offset) would dirty a page for each room written to, and
 * measured half the speed.
 */
const TABLES = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;

  CREATE TABLE rooms (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    generation  INTEGER NOT NULL,  -- how often a room of this name was deleted before
    head        INTEGER NOT NULL,  -- offset of the newest message, 0 for none ever
    head_id     INTEGER NOT NULL,  -- its id in messages
    earliest    INTEGER NOT NULL,  -- smallest offset that is kept; head + 1 for none
    earliest_at INTEGER,           -- when that was written; null for none
    bytes       INTEGER NOT NULL,  -- of the bodies kept
    last_at     INTEGER NOT NULL,  -- when the newest was written
    epoch       TEXT               -- where it was copied from another log; null for the file's own
  ) STRICT;
  CREATE INDEX rooms_by_age ON rooms (earliest_at) WHERE earliest_at IS NOT NULL;

  CREATE TABLE messages (
    id       INTEGER PRIMARY KEY,
    prev     INTEGER NOT NULL,     -- id of the room's message before; 0 for the first
    room     INTEGER NOT NULL,
    "offset" INTEGER NOT NULL,
    identity TEXT    NOT NULL,
    producer TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    re       INTEGER,
    checksum INTEGER NOT NULL,
    body     TEXT                  -- JSON; null where it was erased
  ) STRICT;
  CREATE INDEX messages_by_re ON messages (room, re, "offset") WHERE re IS NOT NULL;

  CREATE TABLE anchors (
    room     INTEGER NOT NULL,
    "offset" INTEGER NOT NULL,
    message  INTEGER NOT NULL,
    PRIMARY KEY (room, "offset")
  ) WITHOUT ROWID, STRICT;

  CREATE TABLE producers (
    id       INTEGER PRIMARY KEY,
    room     INTEGER NOT NULL,
    identity TEXT    NOT NULL,
    producer TEXT    NOT NULL,
    seq      INTEGER NOT NULL,     -- the newest appended
    "offset" INTEGER NOT NULL,     -- where it was put
    used_at  INTEGER NOT NULL,
    UNIQUE (room, identity, producer)
  ) STRICT;

  -- Rooms that were deleted, and whose messages are still to be removed, newest first.
  CREATE TABLE doomed (room INTEGER PRIMARY KEY, head INTEGER NOT NULL, head_id INTEGER NOT NULL, earliest INTEGER NOT NULL) STRICT;
`;

/** Makes, migrates or refuses the file behind `db`. Everything or nothing. */
export function prepareFile(db: DatabaseSync, file: string, freshEpoch: string): void {
  const format = formatOf(db, file);
  if (format === FORMAT) return;
  db.exec("BEGIN EXCLUSIVE");
  try {
    if (format === 0) {
      db.exec(`PRAGMA application_id=${APPLICATION_ID}`);
      db.exec(TABLES);
      db.prepare("INSERT INTO meta VALUES ('epoch', ?)").run(freshEpoch);
    } else {
      for (let step = format; step < FORMAT; step++) MIGRATIONS[step]?.(db, TABLES);
    }
    db.exec(`PRAGMA user_version=${FORMAT}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** 0 for a file that nothing was written to. */
function formatOf(db: DatabaseSync, file: string): number {
  const notOurs = (why: string): OpenRefused =>
    new OpenRefused("log-not-ours", `${file} is not a log of Parlor (${why}); it was left as it is`);
  let applicationId: unknown;
  let isEmpty: boolean;
  try {
    applicationId = pragmaValue(db, "application_id");
    isEmpty = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === 26)
      throw notOurs("it is no SQLite file");
    throw error;
  }
  if (applicationId === 0 && isEmpty) return 0;
  if (applicationId !== APPLICATION_ID) throw notOurs("another program's data is in it");
  const format = pragmaValue(db, "user_version");
  if (typeof format !== "number" || format < 1) throw notOurs(`it says it has format ${String(format)}`);
  if (format <= FORMAT) return format;
  throw new OpenRefused(
    "log-too-new",
    `${file} has format ${format}, and this version of Parlor reads formats 1 to ${FORMAT}; use a later version`,
  );
}

export function epochIn(db: DatabaseSync): string {
  return String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.["value"]);
}
