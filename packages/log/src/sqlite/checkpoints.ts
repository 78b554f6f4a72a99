import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Pages not yet copied into the file at which another thread is asked to copy them. */
const COPY_AT_PAGES = 500;
/** Pages in the write-ahead log at which the writer sees to it that the log begins anew: 8 MiB. */
const RESTART_AT_PAGES = 2_000;
/** The largest single thing that is stored; where that much fits, a full disk is full no more. */
const PROBE_BYTES = 131_072;
const EMPTY_TRIES = 3;

interface WalState {
  readonly busy: number;
  /** Pages in the write-ahead log. */
  readonly log: number;
  /** Of those, pages copied into the file. */
  readonly checkpointed: number;
}

/**
 * The write-ahead log as the writer sees it.
 *
 * Copying it into the file takes milliseconds and waits for the disk, so another thread does the bulk
 * while commits go on. But as long as commits go on that thread never gets to the end, and only a log
 * that is copied whole can begin anew; so now and then the writer copies the small rest itself.
 */
export class Checkpoints {
  readonly #askForCopy: () => void;
  readonly #db: DatabaseSync;
  readonly #look: StatementSync;
  readonly #copy: StatementSync;
  readonly #truncate: StatementSync;
  #askedAtPages = 0;

  constructor(db: DatabaseSync, askForCopy: () => void) {
    this.#db = db;
    this.#askForCopy = askForCopy;
    this.#look = db.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#copy = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");
    this.#truncate = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  /** To be called after commits, once they were answered. */
  afterCommit(): void {
    const { log, checkpointed } = this.#state(this.#look);
    if (log < this.#askedAtPages) this.#askedAtPages = 0;
    if (log >= RESTART_AT_PAGES) {
      this.#copy.get();
    } else if (log - Math.max(checkpointed, this.#askedAtPages) >= COPY_AT_PAGES) {
      this.#askedAtPages = log;
      this.#askForCopy();
    }
  }

  /** Copies everything and cuts the write-ahead log to nothing, so that it holds no old text. */
  empty(): void {
    for (let tries = 0; tries < EMPTY_TRIES; tries++) {
      if (this.#state(this.#truncate).busy === 0) return;
    }
    throw Object.assign(new Error("a reader holds the write-ahead log"), { errcode: 5 });
  }

  /** Stores something large and removes it again: throws where there is no room for it. */
  probe(): void {
    // Room may come from within: a log that is copied whole is written over, not grown.
    this.#copy.get();
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      this.#db.prepare("INSERT INTO meta VALUES ('probe', CAST(zeroblob(?) AS TEXT))").run(PROBE_BYTES);
      this.#db.exec("DELETE FROM meta WHERE key = 'probe'; COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  #state(statement: StatementSync): WalState {
    return statement.get() as unknown as WalState;
  }
}
