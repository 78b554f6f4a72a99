/** What counts for a room, an identity and all: files, and what was announced of those that are still coming. */
const OF_FILES = ["room", "identity", "all"] as const;

/**
 * The tables of a ledger of files, and triggers that keep in `held` how many bytes there are:
 *
 *     room, identity, all   of files, and of uploads that have not come to their end, with the size announced
 *     address               of uploads that no message holds so far, whether they came to their end or not
 *
 * Triggers, since each process that shares the file counts the same way, whatever made a row come or go.
 */
export const LEDGER_TABLES = `
  CREATE TABLE IF NOT EXISTS uploads(
    id TEXT PRIMARY KEY, room TEXT NOT NULL, identity TEXT NOT NULL, address TEXT NOT NULL, size INTEGER NOT NULL,
    received INTEGER NOT NULL, hash TEXT, touched_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS uploads_of_room ON uploads(room, hash);
  CREATE INDEX IF NOT EXISTS uploads_of_identity ON uploads(identity);
  CREATE INDEX IF NOT EXISTS uploads_of_address ON uploads(address);
  CREATE TABLE IF NOT EXISTS parts(
    upload TEXT NOT NULL, at INTEGER NOT NULL, part TEXT NOT NULL, PRIMARY KEY(upload, at)) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS parts_by_name ON parts(part);
  CREATE TABLE IF NOT EXISTS links(
    room TEXT NOT NULL, hash TEXT NOT NULL, size INTEGER NOT NULL, type TEXT NOT NULL, width INTEGER, height INTEGER,
    identity TEXT NOT NULL, made_at INTEGER NOT NULL, behind INTEGER NOT NULL, PRIMARY KEY(room, hash)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS links_of_hash ON links(hash);
  CREATE INDEX IF NOT EXISTS links_of_identity ON links(identity);
  CREATE TABLE IF NOT EXISTS uses(
    room TEXT NOT NULL, hash TEXT NOT NULL, message INTEGER NOT NULL, identity TEXT NOT NULL,
    PRIMARY KEY(room, hash, message)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS uses_of_message ON uses(room, message);
  CREATE TABLE IF NOT EXISTS doomed(hash TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS secrets(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS held(
    kind TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY(kind, name)) WITHOUT ROWID;
  ${trigger(
    "link_made",
    "INSERT ON links",
    OF_FILES.map((kind) => counted(kind, "new", "+")),
  )}
  ${trigger(
    "link_gone",
    "DELETE ON links",
    OF_FILES.map((kind) => counted(kind, "old", "-")),
  )}
  ${trigger(
    "upload_begun",
    "INSERT ON uploads WHEN new.hash IS NULL",
    OF_FILES.map((kind) => counted(kind, "new", "+")),
  )}
  ${trigger(
    "upload_whole",
    "UPDATE OF hash ON uploads WHEN old.hash IS NULL AND new.hash IS NOT NULL",
    OF_FILES.map((kind) => counted(kind, "old", "-")),
  )}
  ${trigger(
    "upload_given_up",
    "DELETE ON uploads WHEN old.hash IS NULL",
    OF_FILES.map((kind) => counted(kind, "old", "-")),
  )}
  ${trigger("upload_waits", "INSERT ON uploads", [counted("address", "new", "+")])}
  ${trigger("upload_waited", "DELETE ON uploads", [counted("address", "old", "-")])}
`;

/** Fills `held` of a ledger that was made before it was kept. */
export const COUNT_HELD = `
  DELETE FROM held;
  INSERT INTO held SELECT 'address', address, sum(size) FROM uploads GROUP BY address HAVING sum(size) > 0;
  ${OF_FILES.map((kind) => {
    const name = kind === "all" ? "''" : kind;
    return `INSERT INTO held SELECT '${kind}', name, sum(size) FROM (
      SELECT ${name} AS name, size FROM links UNION ALL SELECT ${name}, size FROM uploads WHERE hash IS NULL
    ) GROUP BY name HAVING sum(size) > 0;`;
  }).join("\n  ")}
`;

function trigger(name: string, event: string, steps: readonly string[]): string {
  return `CREATE TRIGGER IF NOT EXISTS ${name} AFTER ${event} BEGIN ${steps.join(" ")} END;`;
}

/** A name that holds nothing has no row: names are strangers' to choose. */
function counted(kind: (typeof OF_FILES)[number] | "address", row: "new" | "old", sign: "+" | "-"): string {
  const name = kind === "all" ? "''" : `${row}.${kind}`;
  const where = `kind = '${kind}' AND name = ${name}`;
  return `INSERT OR IGNORE INTO held VALUES ('${kind}', ${name}, 0);
    UPDATE held SET bytes = bytes ${sign} ${row}.size WHERE ${where};
    DELETE FROM held WHERE ${where} AND bytes <= 0;`;
}
