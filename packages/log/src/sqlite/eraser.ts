import type { DatabaseSync } from "node:sqlite";
import type { Checkpoints } from "./checkpoints.ts";
import type { RoomEvent } from "./forgetter.ts";
import { Remnants } from "./remnants.ts";
import type { Store } from "./store.ts";

/**
 * Erases bodies, from every place on the disk: the record, the write-ahead log, and what SQLite left
 * behind in unused parts of pages.
 */
export class Eraser {
  readonly #db: DatabaseSync;
  readonly #store: Store;
  readonly #checkpoints: Checkpoints;
  readonly #remnants: Remnants;
  readonly #tell: (events: readonly RoomEvent[]) => void;
  /** Traces of what was erased, until the disk is known to be clean of them. */
  readonly #unclean = new Set<Buffer>();

  constructor(
    db: DatabaseSync,
    file: string,
    store: Store,
    checkpoints: Checkpoints,
    tell: (events: readonly RoomEvent[]) => void,
  ) {
    this.#db = db;
    this.#store = store;
    this.#checkpoints = checkpoints;
    this.#remnants = new Remnants(file);
    this.#tell = tell;
  }

  /** False where there is no such message. In steps, as a large file takes time to look through. */
  *redact(name: string, offset: number): Generator<undefined, boolean> {
    const outcome = this.#erase(name, offset);
    if (outcome === "missing") return false;
    if (outcome === "redacted") this.#tell([{ room: name, event: { kind: "redacted", offset } }]);
    // Also where it was erased before: that call may have failed at this point.
    this.#checkpoints.empty();
    const traces = [...this.#unclean];
    if (traces.length > 0 && (yield* this.#remnants.search(traces))) {
      // Writes the whole file anew, so it is done only where a copy was found.
      this.#db.exec("VACUUM");
      this.#checkpoints.empty();
    }
    for (const trace of traces) this.#unclean.delete(trace);
    return true;
  }

  close(): void {
    this.#remnants.close();
  }

  #erase(name: string, offset: number): "redacted" | "already" | "missing" {
    const room = this.#store.room(name);
    if (offset < room.earliest || offset > room.head) return "missing";
    return this.#store.transaction(() => {
      const [row] = this.#store.messages.walkDown(room, offset);
      if (row === undefined) return "missing";
      if (row.body === null) return "already";
      this.#store.messages.erase(name, row);
      room.bytes -= Buffer.byteLength(row.body);
      this.#store.roomChanged(room);
      this.#unclean.add(Remnants.traceOf(row));
      return "redacted";
    });
  }
}
