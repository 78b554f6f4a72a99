import { existsSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import {
  IN_MEMORY,
  isSamePosition,
  ReaderFile,
  type ReaderStep,
  type TakeOutcome,
} from "@parlor/server/projections";
import { isCutAlike, SEARCH_TABLES, SearchIndex } from "./search-index.ts";
import { search, type SearchAnswer, type SearchQuestion } from "./search-query.ts";
import { type RoomUnread, unreadIn, type UnreadQuestion } from "./unread-query.ts";

/** Messages that are taken out in one transaction where many are: a search waits for no more than that. */
const FORGET_AT_ONCE = 500;
const CACHE_KIBIBYTES = 16_384;
const BUSY_TIMEOUT_MS = 5_000;

/** The index in its file, for the one that writes it: a projection whose effects are the index's. */
export class SearchStore {
  readonly #file: ReaderFile;
  readonly #index: SearchIndex;

  constructor(path: string, now: number) {
    this.#file = openFile(path, now);
    this.#file.db.exec(`PRAGMA cache_size=-${CACHE_KIBIBYTES}`);
    this.#index = new SearchIndex(this.#file.db);
  }

  get positions(): ReaderFile["positions"] {
    return this.#file.positions;
  }

  search(question: SearchQuestion): SearchAnswer {
    return search(this.#file.db, question);
  }

  unread(question: UnreadQuestion): RoomUnread[] {
    return unreadIn(this.#file.db, question);
  }

  async take(step: ReaderStep): Promise<TakeOutcome> {
    const { positions } = this.#file;
    switch (step.kind) {
      case "messages":
        return this.#file.transact(() => {
          if (!isSamePosition(positions.find(step.room), step.before)) return { kind: "moved" };
          this.#index.take(step.room, step.messages);
          positions.save(step.room, step.after);
          return { kind: "taken" };
        });
      case "erased":
        this.#file.transact(() => this.#index.erase(step.room, step.offsets));
        break;
      case "trimmed":
        await this.#forgetBefore(step.room, step.earliest);
        return { kind: "taken" };
      case "forgotten":
        // Where that is cut short the position stands, and it is asked for again.
        await this.#forgetBefore(step.room, Infinity);
        this.#file.transact(() => {
          this.#index.forgetRoom(step.room);
          positions.put(step.room, step.position);
        });
        break;
    }
    this.#file.checkpoint();
    return { kind: "taken" };
  }

  rebuild(now: number): void {
    this.#file.transact(() => {
      this.#index.clear();
      this.#file.forgetPositions(now);
    });
    this.#file.checkpoint();
  }

  close(): void {
    this.#file.close();
  }

  /** A part at a time, with a turn for those who search in between. */
  async #forgetBefore(room: string, offset: number): Promise<void> {
    const before = Math.min(offset, Number.MAX_SAFE_INTEGER);
    while (!this.#file.transact(() => this.#index.forgetBefore(room, before, FORGET_AT_ONCE))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** The index as a thread sees it for which another one, of this process or of another, writes it. */
export class SearchView {
  readonly #path: string;
  #db: DatabaseSync | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  search(question: SearchQuestion): SearchAnswer {
    this.#db ??= this.#open();
    return this.#db === null ? { hits: [], more: false } : search(this.#db, question);
  }

  unread(question: UnreadQuestion): RoomUnread[] {
    this.#db ??= this.#open();
    return this.#db === null ? [] : unreadIn(this.#db, question);
  }

  close(): void {
    this.#db?.close();
    this.#db = null;
  }

  /** Null until whoever writes it has made it. */
  #open(): DatabaseSync | null {
    if (this.#path === IN_MEMORY || !existsSync(this.#path)) return null;
    const db = new DatabaseSync(this.#path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    db.exec(`PRAGMA cache_size=-${CACHE_KIBIBYTES}`);
    if (isCutAlike(db)) return db;
    db.close();
    return null;
  }
}

/**
 * A file whose words were made otherwise, or from before what is unread was counted, is made anew, which takes a moment
 * where to empty it would take minutes. Whoever looks into it meanwhile keeps no such file open (`SearchView`).
 */
function openFile(path: string, now: number): ReaderFile {
  const open = (): ReaderFile => new ReaderFile(path, now, (db) => db.exec(SEARCH_TABLES));
  const file = open();
  if (isCutAlike(file.db)) return file;
  file.close();
  for (const each of [path, `${path}-wal`, `${path}-shm`]) rmSync(each, { force: true });
  return open();
}
