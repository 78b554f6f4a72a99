import type { DatabaseSync } from "node:sqlite";
import type { Checkpoints } from "./checkpoints.ts";
import type { RoomEvent } from "./forgetter.ts";
import type { OwnWords } from "../room-log.ts";
import type { MessageRow } from "./message-rows.ts";
import type { RoomRow } from "./room-rows.ts";
import { Remnants } from "./remnants.ts";
import type { Store } from "./store.ts";

/** Bodies erased in one step: appends wait for no more than that. */
const MAX_ROWS_A_STEP = 200;

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
  /** Who asked for a clean disk, counted; and up to which of them it is. */
  #asked = 0;
  #cleanTo = 0;
  #isCleaning = false;

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
  *redact(name: string, offset: number, own?: OwnWords): Generator<undefined, boolean> {
    const outcome = this.#erase(name, offset, own?.from);
    if (outcome === "redacted") this.#tell([{ room: name, event: { kind: "redacted", offset } }]);
    while (own !== undefined && this.#eraseOwnAbout(name, offset, own)) yield;
    // Also where it was erased before: that call may have failed at this point.
    if (outcome !== "missing" || this.#unclean.size > 0) yield* this.#clean();
    return outcome !== "missing";
  }

  /**
   * Cleans the disk of everything erased so far. One look through the file serves all who wait for one: many
   * who erase at once cost two.
   */
  *#clean(): Generator<undefined, void> {
    this.#asked += 1;
    const wanted = this.#asked;
    while (this.#isCleaning) yield;
    if (this.#cleanTo >= wanted) return;
    this.#isCleaning = true;
    try {
      const upTo = this.#asked;
      this.#checkpoints.empty();
      const traces = [...this.#unclean];
      if (traces.length > 0 && (yield* this.#remnants.search(traces))) {
        // Writes the whole file anew, so it is done only where a copy was found.
        this.#db.exec("VACUUM");
        this.#checkpoints.empty();
      }
      for (const trace of traces) this.#unclean.delete(trace);
      this.#cleanTo = upTo;
    } finally {
      this.#isCleaning = false;
    }
  }

  close(): void {
    this.#remnants.close();
  }

  #erase(name: string, offset: number, by: string | undefined): "redacted" | "already" | "missing" {
    const room = this.#store.room(name);
    if (offset < room.earliest || offset > room.head) return "missing";
    return this.#store.transaction(() => {
      const [row] = this.#store.messages.walkDown(room, offset);
      if (row === undefined || (by !== undefined && row.identity !== by)) return "missing";
      return this.#eraseRow(room, row) ? "redacted" : "already";
    });
  }

  /** Erases some of them; whether there may be more. */
  #eraseOwnAbout(name: string, re: number, own: OwnWords): boolean {
    const room = this.#store.room(name);
    const erased = this.#store.transaction(() => {
      const { messages } = this.#store;
      const found = messages.ownAbout(room.id, re, own, MAX_ROWS_A_STEP);
      for (const at of found) this.#eraseRow(room, messages.get(room, at));
      return found;
    });
    this.#tell(erased.map(({ offset }) => ({ room: name, event: { kind: "redacted", offset } })));
    return erased.length === MAX_ROWS_A_STEP;
  }

  #eraseRow(room: RoomRow, row: MessageRow): boolean {
    if (row.body === null) return false;
    this.#store.messages.erase(room.name, row);
    room.bytes -= Buffer.byteLength(row.body);
    this.#store.roomChanged(room);
    this.#unclean.add(Remnants.traceOf(row));
    return true;
  }
}
