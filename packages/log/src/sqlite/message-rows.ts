import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { OwnWords, StoredMessage } from "../room-log.ts";
import { checksumOf } from "./checksum.ts";
import type { RoomRow } from "./room-rows.ts";
import { DamagedRecord } from "./storage-fault.ts";

/** Every message whose offset is a multiple of this has an anchor. */
const ANCHOR_EVERY = 32;

/** In the order of `MessageColumns`. */
const COLUMNS = `id, prev, room, "offset", identity, producer, seq, at, re, checksum, body`;

type MessageColumns = readonly [
  id: number,
  prev: number,
  room: number,
  offset: number,
  identity: string,
  producer: string,
  seq: number,
  at: number,
  re: number | null,
  checksum: number,
  body: string | null,
];

export interface MessageRow {
  readonly id: number;
  readonly prev: number;
  readonly room: number;
  readonly offset: number;
  readonly identity: string;
  readonly producer: string;
  readonly seq: number;
  readonly at: number;
  readonly re: number | null;
  readonly checksum: number;
  readonly body: string | null;
}

/**
 * The table of messages, each of which names the one before it in its room:
 *
 *     anchor(32)        anchor(64)           rooms.head_id
 *         ▼                 ▼                      ▼
 *     ◄──32◄──33◄── … ◄──63◄─64◄──65◄── … ◄──70◄──71
 *
 * A reader enters at the next anchor above (or the head) and walks down. Each step proves that the
 * record is the one that belongs there.
 */
export class MessageRows {
  readonly #byId: StatementSync;
  readonly #anchor: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertAnchor: StatementSync;
  readonly #remove: StatementSync;
  readonly #removeAnchor: StatementSync;
  readonly #erase: StatementSync;
  readonly #nextRelated: StatementSync;
  readonly #related: StatementSync;
  readonly #ownAbout: StatementSync;
  readonly #newestId: StatementSync;

  constructor(db: DatabaseSync) {
    this.#byId = db.prepare(`SELECT ${COLUMNS} FROM messages WHERE id = ?`);
    // A record as an array is read in half the time of one as an object, and a page reads five hundred.
    this.#byId.setReturnArrays(true);
    this.#anchor = db.prepare(`SELECT message FROM anchors WHERE room = ? AND "offset" = ?`);
    this.#insert = db.prepare("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#insertAnchor = db.prepare("INSERT INTO anchors VALUES (?, ?, ?)");
    this.#remove = db.prepare("DELETE FROM messages WHERE id = ?");
    this.#removeAnchor = db.prepare(`DELETE FROM anchors WHERE room = ? AND "offset" = ?`);
    this.#erase = db.prepare("UPDATE messages SET body = NULL, checksum = ? WHERE id = ?");
    this.#nextRelated = db.prepare(`SELECT re FROM messages WHERE room = ? AND re >= ? ORDER BY re LIMIT 1`);
    this.#related = db.prepare(
      `SELECT "offset", id FROM messages WHERE room = ? AND re = ? ORDER BY "offset" DESC LIMIT ?`,
    );
    this.#ownAbout = db.prepare(
      `SELECT "offset", id FROM messages
       WHERE room = ? AND re = ? AND identity = ? AND "offset" < ? AND body IS NOT NULL LIMIT ?`,
    );
    this.#newestId = db.prepare("SELECT coalesce(max(id), 0) AS id FROM messages");
  }

  newestId(): number {
    return Number(this.#newestId.get()?.["id"]);
  }

  insert(row: MessageRow): void {
    const { id, prev, room, offset, identity, producer, seq, at, re, checksum, body } = row;
    this.#insert.run(id, prev, room, offset, identity, producer, seq, at, re, checksum, body);
    if (offset % ANCHOR_EVERY === 0) this.#insertAnchor.run(room, offset, id);
  }

  remove(row: MessageRow): void {
    this.#remove.run(row.id);
    if (row.offset % ANCHOR_EVERY === 0) this.#removeAnchor.run(row.room, row.offset);
  }

  /** A damaged record loses its body too, but stays damaged: a fresh checksum would vouch for the rest of it. */
  erase(room: string, row: MessageRow): void {
    const isSound = checksumOf(room, row) === row.checksum;
    this.#erase.run(isSound ? checksumOf(room, { ...row, body: null }) : row.checksum, row.id);
  }

  /** The room's messages from offset `from` (within what is kept) down to the earliest. */
  *walkDown(room: Walkable, from: number): Generator<MessageRow> {
    let offset = Math.min(Math.ceil(from / ANCHOR_EVERY) * ANCHOR_EVERY, room.head);
    let id = offset === room.head ? room.headId : this.#anchorId(room, offset);
    for (; offset >= room.earliest; offset--) {
      const row = this.#row(id);
      if (row === undefined || row.room !== room.id || row.offset !== offset) {
        throw new DamagedRecord(room.name, offset, "its place holds something else");
      }
      if (offset <= from) yield row;
      id = row.prev;
    }
  }

  /** As many of the room's messages from offset `from` on, ascending, as one stretch between anchors holds. */
  stretchUp(room: Walkable, from: number): MessageRow[] {
    const to = Math.min(Math.ceil(from / ANCHOR_EVERY) * ANCHOR_EVERY, room.head);
    const rows: MessageRow[] = [];
    for (const row of this.walkDown(room, to)) {
      if (row.offset < from) break;
      rows.push(row);
    }
    return rows.reverse();
  }

  /**
   * Of these offsets, ascending, those about which there is a message. Most of a page have none, and are passed over
   * many at once.
   */
  *withRelated(room: number, offsets: readonly number[]): Generator<number> {
    let found: number | undefined;
    for (const offset of offsets) {
      if (found === undefined || found < offset) {
        const next = this.#nextRelated.get(room, offset);
        if (next === undefined) return;
        found = Number(next["re"]);
      }
      if (found === offset) yield offset;
    }
  }

  /** The newest messages about offset `re`: where they are, newest first. */
  related(room: number, re: number, limit: number): { readonly offset: number; readonly id: number }[] {
    return this.#related.all(room, re, limit) as unknown as { offset: number; id: number }[];
  }

  /** Some of the messages about offset `re` that hold a body of that identity. */
  ownAbout(room: number, re: number, own: OwnWords, limit: number): { offset: number; id: number }[] {
    const rows: unknown = this.#ownAbout.all(room, re, own.from, own.before, limit);
    return rows as { offset: number; id: number }[];
  }

  get(room: Walkable, at: { readonly offset: number; readonly id: number }): MessageRow {
    const row = this.#row(at.id);
    if (row?.room === room.id && row.offset === at.offset) return row;
    throw new DamagedRecord(room.name, at.offset, "its place holds something else");
  }

  #row(byId: number): MessageRow | undefined {
    const columns = this.#byId.get(byId) as unknown as MessageColumns | undefined;
    if (columns === undefined) return undefined;
    const [id, prev, room, offset, identity, producer, seq, at, re, checksum, body] = columns;
    return { id, prev, room, offset, identity, producer, seq, at, re, checksum, body };
  }

  #anchorId(room: Walkable, offset: number): number {
    const row = this.#anchor.get(room.id, offset);
    if (row !== undefined) return Number(row["message"]);
    throw new DamagedRecord(room.name, offset, "its anchor is missing");
  }
}

/** What a walk needs to know of a room. */
export type Walkable = Pick<RoomRow, "id" | "name" | "head" | "headId" | "earliest">;

/** The message of a record, after its checksum was compared. */
export function verified(room: string, row: MessageRow): StoredMessage {
  if (checksumOf(room, row) !== row.checksum) {
    throw new DamagedRecord(room, row.offset, "its checksum does not fit");
  }
  const { offset, identity: from, producer, seq, at, re, body: bodyJson } = row;
  return { offset, from, producer, seq, at, ...(re === null ? {} : { re }), bodyJson };
}
