import type { DatabaseSync } from "node:sqlite";
import { checksumOf } from "./checksum.ts";

type Migration = (db: DatabaseSync, tables: string) => void;

/**
 * From each format to the next, inside the transaction that also sets the new number.
 *
 *   1  messages with a unique index over (room, offset), no checksums
 *   2  messages in chains with anchors, a checksum each
 *   3  rooms that were copied from another log have an epoch of their own
 */
export const MIGRATIONS: Readonly<Record<number, Migration>> = Object.freeze({
  1: chainMessages,
  2: addEpochs,
});

function chainMessages(db: DatabaseSync, tables: string): void {
  db.exec(`
    ALTER TABLE meta RENAME TO meta_1;
    ALTER TABLE rooms RENAME TO rooms_1;
    ALTER TABLE messages RENAME TO messages_1;
    ALTER TABLE producers RENAME TO producers_1;
  `);
  db.exec(tables);
  db.function("checksum_of", { deterministic: true }, (room, offset, identity, producer, seq, at, re, body) =>
    checksumOf(String(room), {
      offset: Number(offset),
      identity: String(identity),
      producer: String(producer),
      seq: Number(seq),
      at: Number(at),
      re: re === null ? null : Number(re),
      body: body === null ? null : String(body),
    }),
  );
  db.exec(`
    INSERT INTO meta SELECT key, value FROM meta_1;
    INSERT INTO messages
      SELECT m.id, coalesce(lag(m.id) OVER (PARTITION BY m.room ORDER BY m."offset"), 0), m.room, m."offset", m.identity,
             m.producer, m.seq, m.at, m.re,
             checksum_of(r.name, m."offset", m.identity, m.producer, m.seq, m.at, m.re, m.body), m.body
      FROM messages_1 AS m JOIN rooms_1 AS r ON r.id = m.room;
    INSERT INTO anchors SELECT room, "offset", id FROM messages WHERE "offset" % 32 = 0;
    INSERT INTO rooms (id, name, generation, head, head_id, earliest, earliest_at, bytes, last_at)
      SELECT r.id, r.name, r.generation, r.head,
             coalesce((SELECT m.id FROM messages_1 AS m WHERE m.room = r.id AND m."offset" = r.head), 0),
             r.earliest,
             (SELECT m.at FROM messages_1 AS m WHERE m.room = r.id AND m."offset" = r.earliest),
             (SELECT coalesce(sum(length(CAST(m.body AS BLOB))), 0) FROM messages_1 AS m WHERE m.room = r.id),
             r.last_at
      FROM rooms_1 AS r;
    INSERT INTO producers SELECT id, room, identity, producer, seq, "offset", used_at FROM producers_1;
    DROP TABLE meta_1;
    DROP TABLE messages_1;
    DROP TABLE producers_1;
    DROP TABLE rooms_1;
  `);
}

function addEpochs(db: DatabaseSync): void {
  const isThere = db.prepare("SELECT 1 FROM pragma_table_info('rooms') WHERE name = 'epoch'").get();
  // The step before makes the tables as they are now.
  if (isThere === undefined) db.exec("ALTER TABLE rooms ADD COLUMN epoch TEXT");
}
