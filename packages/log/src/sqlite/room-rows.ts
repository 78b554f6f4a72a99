import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** A room as the file has it. The writer changes these in place and saves them at the end of a transaction. */
export interface RoomRow {
  /** 0 for a room that has no row yet. */
  id: number;
  name: string;
  generation: number;
  head: number;
  headId: number;
  earliest: number;
  earliestAt: number | null;
  bytes: number;
  lastAt: number;
  /** Where it is another one than the file's. */
  epoch: string | null;
}

const COLUMNS = `id, name, generation, head, head_id AS headId, earliest, earliest_at AS earliestAt, bytes, last_at AS lastAt, epoch`;

/** The table of rooms. */
export class RoomRows {
  readonly #byName: StatementSync;
  readonly #byId: StatementSync;
  readonly #insert: StatementSync;
  readonly #save: StatementSync;
  readonly #saveHead: StatementSync;
  readonly #page: StatementSync;
  readonly #older: StatementSync;
  readonly #fuller: StatementSync;

  constructor(db: DatabaseSync) {
    this.#byName = db.prepare(`SELECT ${COLUMNS} FROM rooms WHERE name = ?`);
    this.#byId = db.prepare(`SELECT ${COLUMNS} FROM rooms WHERE id = ?`);
    this.#insert = db.prepare("INSERT INTO rooms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#save = db.prepare(
      `UPDATE rooms SET id = ?, generation = ?, head = ?, head_id = ?, earliest = ?, earliest_at = ?, bytes = ?, last_at = ?, epoch = ? WHERE id = ?`,
    );
    this.#saveHead = db.prepare(
      "UPDATE rooms SET head = ?, head_id = ?, bytes = ?, last_at = ? WHERE id = ?",
    );
    this.#page = db.prepare(
      `SELECT ${COLUMNS} FROM rooms WHERE name > ? AND earliest <= head ORDER BY name LIMIT ?`,
    );
    // Side rooms are kept whole (side-room.ts), so they must not stand before others that have grown old.
    this.#older = db.prepare(
      "SELECT id FROM rooms WHERE earliest_at < ? AND +name >= char(2) ORDER BY earliest_at LIMIT ?",
    );
    this.#fuller = db.prepare(
      "SELECT name FROM rooms WHERE (head + 1 - earliest > ? OR bytes > ?) AND name >= char(2) LIMIT ?",
    );
  }

  /** The room's row, or one as yet unwritten, which stores nothing. */
  find(name: string): RoomRow {
    return (this.#byName.get(name) as RoomRow | undefined) ?? unwritten(name);
  }

  findById(id: number): RoomRow | undefined {
    return this.#byId.get(id) as RoomRow | undefined;
  }

  insert(row: RoomRow): void {
    this.#insert.run(...values(row.id, row.name, row));
  }

  /** Saves a row under `row.id`, which may differ from the `id` that it has had so far. */
  save(row: RoomRow, id = row.id): void {
    const { generation, head, headId, earliest, earliestAt, bytes, lastAt, epoch } = row;
    this.#save.run(row.id, generation, head, headId, earliest, earliestAt, bytes, lastAt, epoch, id);
  }

  /** Saves what an append to a room with messages changes: no column with an index, so at half the cost. */
  saveHead(row: RoomRow): void {
    this.#saveHead.run(row.head, row.headId, row.bytes, row.lastAt, row.id);
  }

  /** Rooms that hold something, by name. */
  page(afterName: string, limit: number): RoomRow[] {
    return this.#page.all(afterName, limit) as unknown as RoomRow[];
  }

  /** Rooms whose earliest message was written before `at`. */
  olderThan(at: number, limit: number): number[] {
    return this.#older.all(at, limit).map((row) => Number(row["id"]));
  }

  /** Names of rooms that hold more than so many messages or bytes; it looks at every room. */
  fullerThan(messages: number, bytes: number, limit: number): string[] {
    return this.#fuller.all(messages, bytes, limit).map((row) => String(row["name"]));
  }
}

function unwritten(name: string): RoomRow {
  return {
    id: 0,
    name,
    generation: 0,
    head: 0,
    headId: 0,
    earliest: 1,
    earliestAt: null,
    bytes: 0,
    lastAt: 0,
    epoch: null,
  };
}

function values(id: number, name: string, row: RoomRow): SQLInputValue[] {
  return [
    id,
    name,
    row.generation,
    row.head,
    row.headId,
    row.earliest,
    row.earliestAt,
    row.bytes,
    row.lastAt,
    row.epoch,
  ];
}
