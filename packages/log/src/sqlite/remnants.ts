import { closeSync, openSync, readSync } from "node:fs";
import type { MessageRow } from "./message-rows.ts";

const CHUNK_BYTES = 4_194_304;
const TRACE_BODY_BYTES = 60;
/** Traces looked for in one chunk before appends get their turn. */
const TRACES_A_STEP = 16;

/**
 * Looks for copies of an erased record that SQLite left behind.
 *
 * `secure_delete` overwrites what is erased where it stands. But when rows that lie between others
 * are removed, SQLite packs the pages around them anew, and the unused part of a page keeps what stood
 * there: after a large trim about one surviving message in a hundred has such a second copy.
 */
export class Remnants {
  readonly #file: string;
  /**
   * Stays open until the very end: closing any handle of a file drops all locks that this process has
   * on it, SQLite's too.
   */
  #handle: number | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** What of a record a copy begins with: the end of its checksum, then its body, as they lie side by side. */
  static traceOf(row: MessageRow): Buffer {
    const checksum = Buffer.from([(row.checksum >> 8) & 0xff, row.checksum & 0xff]);
    return Buffer.concat([checksum, Buffer.from(row.body ?? "").subarray(0, TRACE_BODY_BYTES)]);
  }

  /** Searches the file a chunk at a time; returns whether any of the traces is in it. */
  *search(traces: readonly Buffer[]): Generator<undefined, boolean> {
    this.#handle ??= openSync(this.#file, "r");
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let position = 0; ; ) {
      const length = readSync(this.#handle, chunk, 0, CHUNK_BYTES, position);
      const bytes = chunk.subarray(0, length);
      for (let first = 0; first < traces.length; first += TRACES_A_STEP) {
        if (first > 0) yield;
        if (traces.slice(first, first + TRACES_A_STEP).some((trace) => bytes.includes(trace))) return true;
      }
      if (length < CHUNK_BYTES) return false;
      // A trace may lie across the border.
      position += CHUNK_BYTES - TRACE_BODY_BYTES - 2;
      yield;
    }
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}
