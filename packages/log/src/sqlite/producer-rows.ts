import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ProducerMark } from "../once.ts";

/** What is remembered of a producer. The writer changes these in place and saves them at the end of a transaction. */
export interface ProducerRow extends ProducerMark {
  /** 0 for one that has no row yet. */
  id: number;
  readonly room: number;
  readonly identity: string;
  readonly producer: string;
  seq: number;
  offset: number;
  usedAt: number;
}

/** The table of producers. */
export class ProducerRows {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #slice: StatementSync;
  readonly #remove: StatementSync;
  readonly #ofRoom: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare(
      `SELECT id, room, identity, producer, seq, "offset", used_at AS usedAt FROM producers WHERE room = ? AND identity = ? AND producer = ?`,
    );
    this.#insert = db.prepare("INSERT INTO producers VALUES (NULL, ?, ?, ?, ?, ?, ?)");
    this.#update = db.prepare(`UPDATE producers SET seq = ?, "offset" = ?, used_at = ? WHERE id = ?`);
    this.#slice = db.prepare("SELECT id, used_at AS usedAt FROM producers WHERE id > ? ORDER BY id LIMIT ?");
    this.#remove = db.prepare("DELETE FROM producers WHERE id = ?");
    this.#ofRoom = db.prepare("SELECT id FROM producers WHERE room = ? LIMIT ?");
  }

  find(room: number, identity: string, producer: string): ProducerRow | undefined {
    return this.#find.get(room, identity, producer) as ProducerRow | undefined;
  }

  save(row: ProducerRow): void {
    const { id, room, identity, producer, seq, offset, usedAt } = row;
    if (id > 0) this.#update.run(seq, offset, usedAt, id);
    else row.id = Number(this.#insert.run(room, identity, producer, seq, offset, usedAt).lastInsertRowid);
  }

  /** A stretch of the table in the order of its ids, for looking through it bit by bit. */
  slice(afterId: number, limit: number): { readonly id: number; readonly usedAt: number }[] {
    return this.#slice.all(afterId, limit) as unknown as { id: number; usedAt: number }[];
  }

  remove(id: number): void {
    this.#remove.run(id);
  }

  /** Ids of producers of a room, at most `limit`. */
  ofRoom(room: number, limit: number): number[] {
    return this.#ofRoom.all(room, limit).map((row) => Number(row["id"]));
  }
}
