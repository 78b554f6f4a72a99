import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * How far rooms of a file were written by copies: who copies into it again knows by it whether anybody wrote here since.
 * By a room's id, so that what is said of a room ends when that is deleted.
 */
export class CopiedHeads {
  readonly #find: StatementSync;
  readonly #save: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare("SELECT value FROM meta WHERE key = ?");
    this.#save = db.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)");
  }

  /** Undefined where no copy wrote the room. */
  of(roomId: number): number | undefined {
    const row = this.#find.get(keyOf(roomId));
    return row === undefined ? undefined : Number(row["value"]);
  }

  set(roomId: number, head: number): void {
    this.#save.run(keyOf(roomId), String(head));
  }
}

function keyOf(roomId: number): string {
  return `copied-head ${roomId}`;
}
