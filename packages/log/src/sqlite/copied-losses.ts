import type { DatabaseSync } from "node:sqlite";
import { KEEP_EVERYTHING } from "../room-log.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Forgetter } from "./forgetter.ts";
import { Purger } from "./purger.ts";
import { Store } from "./store.ts";
import { Unpurged } from "./unpurged.ts";

/** What a source has lost since it was copied leaves the file, too: bodies, the oldest messages, whole rooms. */
export class CopiedLosses {
  readonly #db: DatabaseSync;
  readonly #unpurged: Unpurged;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#unpurged = new Unpurged(db);
  }

  erase(name: string, offsets: readonly number[]): void {
    const store = new Store(this.#db);
    const room = store.room(name);
    store.transaction(() => {
      this.#unpurged.note();
      for (const offset of offsets) {
        const [row] = store.messages.walkDown(room, offset);
        if (row === undefined || row.body === null) continue;
        store.messages.erase(name, row);
        room.bytes -= Buffer.byteLength(row.body);
      }
      store.roomChanged(room);
    });
  }

  trim(name: string, before: number): void {
    for (const _ of this.#forgetter().trim(name, before));
  }

  remove(name: string): void {
    const forgetter = this.#forgetter();
    forgetter.delete(name);
    for (const _ of forgetter.removeDoomed());
  }

  /** Nothing of it is left in the files then: they are written anew where something was erased or deleted. */
  purge(): void {
    for (const _ of new Purger(this.#db, this.#forgetter(), this.#checkpoints()).purge());
    this.#checkpoints().empty();
  }

  /** Each with a store of its own, for that keeps rows in memory, and others write them meanwhile. */
  #forgetter(): Forgetter {
    return new Forgetter(this.#db, new Store(this.#db), KEEP_EVERYTHING, () => undefined);
  }

  #checkpoints(): Checkpoints {
    return new Checkpoints(this.#db, () => undefined);
  }
}
