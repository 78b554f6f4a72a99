import { DatabaseSync } from "node:sqlite";
import type { ProjectionSubject } from "@parlor/testkit";
import { IN_MEMORY } from "../../src/reader/reader-file.ts";
import { type Gone, SqliteProjection } from "../../src/reader/sqlite-projection.ts";

/** A reader whose effect is a row for each message. */
export function subjectAt(path: string): ProjectionSubject {
  // What is in memory only its own connection sees.
  let own: DatabaseSync | null = null;
  const effects = {
    tables(db: DatabaseSync): void {
      own = db;
      db.exec('CREATE TABLE effects (room TEXT, "offset" INTEGER, text TEXT) STRICT');
    },
    onMessage(
      { offset, body }: { readonly offset: number; readonly body: unknown },
      { room, db }: { readonly room: string; readonly db: DatabaseSync },
    ): void {
      db.prepare("INSERT INTO effects VALUES (?, ?, ?)").run(room, offset, JSON.stringify(body));
    },
    onGone,
  };
  const select = 'SELECT "offset" FROM effects WHERE room = ? ORDER BY "offset"';
  return {
    projection: new SqliteProjection("effects", path, effects, () => performance.now()),
    effects: async (room) => {
      const isOwn = path === IN_MEMORY && own !== null;
      const db = isOwn && own !== null ? own : new DatabaseSync(path, { readOnly: true });
      try {
        return db
          .prepare(select)
          .all(room)
          .map(({ offset }) => Number(offset));
      } finally {
        if (!isOwn) db.close();
      }
    },
  };
}

function onGone(gone: Gone, db: DatabaseSync): void {
  const { room } = gone;
  if (gone.kind === "room") db.prepare("DELETE FROM effects WHERE room = ?").run(room);
  else {
    const which = gone.kind === "before" ? "<" : "=";
    db.prepare(`DELETE FROM effects WHERE room = ? AND "offset" ${which} ?`).run(room, gone.offset);
  }
}
