import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StoredMessage } from "@parlor/log";
import { bodyFromJson } from "@parlor/protocol";
import { displayName } from "../../web/model/display-name.ts";
import { entryContent } from "../../web/model/entries.ts";
import { shownBody } from "../../web/model/message-body.ts";
import { tokensOf } from "./tokens.ts";

/** A message that can be found. Its `id` rises with the time at which it was written, in all rooms. */
export interface IndexedMessage {
  readonly id: number;
  readonly room: number;
  readonly offset: number;
  readonly author: string;
  readonly name: string | null;
  readonly at: number;
  readonly text: string;
}

/** Ids that one millisecond has. */
export const IDS_PER_MS = 1_024;

/**
 * Raised where `tokensOf` cuts otherwise: of a message that is taken out, FTS5 is told the words with which it was
 * put in.
 */
const CUT = 2;

export const SEARCH_TABLES = `
  CREATE TABLE rooms (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE authors (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY, room INTEGER NOT NULL, "offset" INTEGER NOT NULL, author INTEGER NOT NULL,
    name TEXT, at INTEGER NOT NULL, text TEXT NOT NULL, original TEXT
  ) STRICT;
  CREATE UNIQUE INDEX messages_by_offset ON messages (room, "offset");
  CREATE TABLE edits (
    room INTEGER NOT NULL, "offset" INTEGER NOT NULL, re INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (room, "offset")
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX edits_by_re ON edits (room, re, "offset");
  -- Messages that say nothing in words, as a program's: not found, and read or unread as all others.
  CREATE TABLE wordless (
    room INTEGER NOT NULL, "offset" INTEGER NOT NULL, identity TEXT NOT NULL, PRIMARY KEY (room, "offset")
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE words USING fts5(
    room, author, body, content='', columnsize=0, prefix='2 3 4',
    tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co M*'"
  );
  INSERT INTO words(words, rank) VALUES('secure-delete', 1);
  CREATE TABLE made (cut INTEGER NOT NULL) STRICT;
  INSERT INTO made VALUES (${CUT});`;

/** Whether the words in a file are those that `tokensOf` makes now. One from before that was noted has other ones. */
export function isCutAlike(db: DatabaseSync): boolean {
  const hasNote = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'made'").get() !== undefined;
  return hasNote && db.prepare("SELECT cut FROM made").get()?.["cut"] === CUT;
}

/**
 * The full-text index of a chat: what each message says now, folded from the log as the page folds it. Edits by a
 * message's author replace its text, deletions take it out. The caller begins and ends transactions.
 *
 * The words go in as `tokensOf` makes them, beside one word for the room and one for the author, so that a search
 * is one question to FTS5 whatever it is narrowed to.
 */
export class SearchIndex {
  readonly #statements = new Map<string, StatementSync>();
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  roomId(name: string): number | null {
    const id = this.#get("SELECT id FROM rooms WHERE name = ?", name)?.["id"];
    return id === undefined ? null : Number(id);
  }

  authorId(identity: string): number | null {
    const id = this.#get("SELECT id FROM authors WHERE identity = ?", identity)?.["id"];
    return id === undefined ? null : Number(id);
  }

  take(roomName: string, messages: readonly StoredMessage[]): void {
    this.#run("INSERT OR IGNORE INTO rooms (name) VALUES (?)", roomName);
    const room = this.roomId(roomName) ?? 0;
    for (const message of messages) this.#takeOne(room, message);
  }

  /** What is behind one of these offsets was erased: a message, or an edit of one. */
  erase(roomName: string, offsets: readonly number[]): void {
    const room = this.roomId(roomName);
    if (room === null) return;
    for (const offset of offsets) {
      this.#remove(room, offset);
      this.#run(`DELETE FROM wordless WHERE room = ? AND "offset" = ?`, room, offset);
      const re = this.#get(`DELETE FROM edits WHERE room = ? AND "offset" = ? RETURNING re`, room, offset)?.[
        "re"
      ];
      if (re !== undefined) this.#rewrite(room, Number(re));
    }
  }

  /** Takes out up to `limit` messages of a room before an offset; answers whether that was all. */
  forgetBefore(roomName: string, offset: number, limit: number): boolean {
    const room = this.roomId(roomName);
    if (room === null) return true;
    const rows = this.#all(
      `SELECT "offset" FROM messages WHERE room = ? AND "offset" < ? ORDER BY "offset" LIMIT ?`,
      room,
      offset,
      limit,
    );
    for (const row of rows) this.#remove(room, Number(row["offset"]));
    if (rows.length === limit) return false;
    this.#run(`DELETE FROM wordless WHERE room = ? AND "offset" < ?`, room, offset);
    this.#run(`DELETE FROM edits WHERE room = ? AND "offset" < ?`, room, offset);
    return true;
  }

  /** The name of a room that has no messages any more; its number is given to no other. */
  forgetRoom(roomName: string): void {
    this.#run("DELETE FROM rooms WHERE name = ?", roomName);
  }

  /** As if nothing had been taken. */
  clear(): void {
    this.#db.exec(`
      INSERT INTO words(words) VALUES('delete-all');
      DELETE FROM messages; DELETE FROM wordless; DELETE FROM edits; DELETE FROM authors; DELETE FROM rooms;`);
  }

  #takeOne(room: number, { offset, from, at, re, bodyJson }: StoredMessage): void {
    const body: unknown = bodyJson === null ? null : bodyFromJson(bodyJson);
    if (re !== undefined && re < offset) return this.#takeEntry(room, re, offset, from, body);
    const shown = shownBody(body);
    if (re !== undefined || bodyJson === null) return;
    if (shown.kind !== "text") {
      this.#run("INSERT OR IGNORE INTO wordless VALUES (?, ?, ?)", room, offset, from);
      return;
    }
    if (this.#get(`SELECT id FROM messages WHERE room = ? AND "offset" = ?`, room, offset) !== undefined)
      return;
    this.#run("INSERT OR IGNORE INTO authors (identity) VALUES (?)", from);
    const author = this.authorId(from) ?? 0;
    const id = this.#freeId(at);
    const name = displayName(shown.name);
    this.#run(
      "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
      id,
      room,
      offset,
      author,
      name,
      at,
      shown.text,
    );
    this.#index("INSERT", { id, room, author, text: shown.text });
  }

  #takeEntry(room: number, re: number, offset: number, from: string, body: unknown): void {
    const entry = entryContent(body);
    if (entry?.kind !== "edit" && entry?.kind !== "delete") return;
    const row = this.#message(room, re);
    if (entry.kind === "delete") {
      this.#run(`DELETE FROM wordless WHERE room = ? AND "offset" = ? AND identity = ?`, room, re, from);
    }
    if (row === undefined || row.author !== this.authorId(from)) return;
    if (entry.kind === "delete") return this.#remove(room, re);
    this.#run("INSERT OR IGNORE INTO edits VALUES (?, ?, ?, ?)", room, offset, re, entry.text);
    this.#rewrite(room, re);
  }

  /** Gives a message the text of the newest edit that is kept, or its own. */
  #rewrite(room: number, offset: number): void {
    const row = this.#message(room, offset);
    if (row === undefined) return;
    const newest = this.#get(
      `SELECT text FROM edits WHERE room = ? AND re = ? ORDER BY "offset" DESC LIMIT 1`,
      room,
      offset,
    )?.["text"];
    const original = row.original ?? row.text;
    const text = typeof newest === "string" ? newest : original;
    this.#index("delete", row);
    this.#index("INSERT", { ...row, text });
    const kept = newest === undefined ? null : original;
    this.#run("UPDATE messages SET text = ?, original = ? WHERE id = ?", text, kept, row.id);
  }

  #remove(room: number, offset: number): void {
    const row = this.#message(room, offset);
    if (row === undefined) return;
    this.#index("delete", row);
    this.#run("DELETE FROM messages WHERE id = ?", row.id);
    this.#run("DELETE FROM edits WHERE room = ? AND re = ?", room, offset);
    this.#forgetSilent(row.author);
  }

  /** Who has no message any more was never here; the words know that, for each message has its author's. */
  #forgetSilent(author: number): void {
    const said = "SELECT rowid FROM words WHERE words MATCH ? LIMIT 1";
    if (this.#get(said, `author : u${author}`) === undefined)
      this.#run("DELETE FROM authors WHERE id = ?", author);
  }

  #index(
    how: "INSERT" | "delete",
    { id, room, author, text }: Pick<StoredRow, "id" | "room" | "author" | "text">,
  ): void {
    const words = tokensOf(text)
      .map(({ word }) => word)
      .join(" ");
    if (how === "INSERT") {
      this.#run(
        "INSERT INTO words(rowid, room, author, body) VALUES (?, ?, ?, ?)",
        id,
        `r${room}`,
        `u${author}`,
        words,
      );
    } else {
      const sql = "INSERT INTO words(words, rowid, room, author, body) VALUES ('delete', ?, ?, ?, ?)";
      this.#run(sql, id, `r${room}`, `u${author}`, words);
    }
  }

  /** The first id of its millisecond that is free, or the next one behind it. */
  #freeId(at: number): number {
    const first = Math.max(0, Math.trunc(at)) * IDS_PER_MS;
    const newest = this.#get(
      "SELECT max(id) AS id FROM messages WHERE id >= ? AND id < ?",
      first,
      first + IDS_PER_MS,
    )?.["id"];
    let id = newest === null || newest === undefined ? first : Number(newest) + 1;
    while (this.#get("SELECT id FROM messages WHERE id = ?", id) !== undefined) id += 1;
    return id;
  }

  #message(room: number, offset: number): StoredRow | undefined {
    return this.#get(`SELECT * FROM messages WHERE room = ? AND "offset" = ?`, room, offset) as unknown as
      | StoredRow
      | undefined;
  }

  #get(sql: string, ...values: SQLValue[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values);
  }

  #all(sql: string, ...values: SQLValue[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values);
  }

  #run(sql: string, ...values: SQLValue[]): void {
    this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

type SQLValue = string | number | null;

interface StoredRow {
  readonly id: number;
  readonly room: number;
  readonly author: number;
  readonly text: string;
  readonly original: string | null;
}
