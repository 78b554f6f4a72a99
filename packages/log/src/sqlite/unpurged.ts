import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * Whether the file may still hold something of rooms that were deleted. It is kept in the file itself, so that what
 * broke off is known to whoever opens it next.
 */
export class Unpurged {
  readonly #look: StatementSync;
  readonly #note: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync) {
    this.#look = db.prepare("SELECT 1 FROM meta WHERE key = 'unpurged'");
    this.#note = db.prepare("INSERT OR IGNORE INTO meta VALUES ('unpurged', 'yes')");
    this.#forget = db.prepare("DELETE FROM meta WHERE key = 'unpurged'");
  }

  get isNoted(): boolean {
    return this.#look.get() !== undefined;
  }

  /** To be called in the transaction of the deletion. */
  note(): void {
    this.#note.run();
  }

  forget(): void {
    this.#forget.run();
  }
}
