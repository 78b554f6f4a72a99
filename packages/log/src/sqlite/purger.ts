import type { DatabaseSync } from "node:sqlite";
import type { Checkpoints } from "./checkpoints.ts";
import type { Forgetter } from "./forgetter.ts";
import { Unpurged } from "./unpurged.ts";

/**
 * Sees to it that nothing of deleted rooms is left in the files while the log goes on: what `deleteRoom` does where
 * nobody has it open.
 */
export class Purger {
  readonly #db: DatabaseSync;
  readonly #forgetter: Forgetter;
  readonly #checkpoints: Checkpoints;
  readonly #unpurged: Unpurged;

  constructor(db: DatabaseSync, forgetter: Forgetter, checkpoints: Checkpoints) {
    this.#db = db;
    this.#forgetter = forgetter;
    this.#checkpoints = checkpoints;
    this.#unpurged = new Unpurged(db);
  }

  /** False where nothing was left. Appends have their turn between the steps; the last one they wait for. */
  *purge(): Generator<undefined, boolean> {
    if (!this.#unpurged.isNoted) return false;
    yield* this.#forgetter.removeDoomed();
    // Removed rows are overwritten where they stood; copies of them that SQLite left behind in the unused
    // parts of pages go only when the file is written anew (remnants.ts).
    this.#db.exec("VACUUM");
    this.#checkpoints.empty();
    // Last, so that a call after one that broke off finds what is left to do.
    this.#unpurged.forget();
    return true;
  }
}
