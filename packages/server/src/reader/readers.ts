import { join } from "node:path";
import { type Clock, CodedError, type Random } from "@parlor/base";
import type { RoomLog } from "@parlor/log";
import type { Logger } from "../room/logger.ts";
import type { Projection } from "./projection.ts";
import { Reader } from "./reader.ts";
import type { RoomChoice } from "./room-choice.ts";
import { IN_MEMORY } from "./reader-file.ts";
import { type Effects, SqliteProjection } from "./sqlite-projection.ts";

/** Lower-case, since some file systems take two names that differ in case for one. */
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

export interface ReadersParts {
  /** Where readers keep their files; `:memory:`; null where the host did not say. */
  readonly folder: string | null;
  readonly log: RoomLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface ReaderStart {
  /** Null where what the host gave names none. */
  readonly rooms: RoomChoice | null;
  readonly fromNow: boolean;
}

/** The named readers of one server. */
export class Readers {
  readonly #parts: ReadersParts;
  readonly #readers = new Map<string, Reader>();
  #isClosed = false;

  constructor(parts: ReadersParts) {
    this.#parts = parts;
  }

  get all(): Iterable<Reader> {
    return this.#readers.values();
  }

  /**
   * Starts a reader whose effects run on this thread.
   * @throws {CodedError} `bad-reader`
   */
  start(name: string, start: ReaderStart, effects: Effects): Reader {
    const { folder, clock } = this.#parts;
    if (folder === null) {
      const message = "A reader keeps its place in a file: say where with the option `readers`, a folder.";
      throw new CodedError("bad-reader", message);
    }
    const path = folder === IN_MEMORY ? IN_MEMORY : join(folder, `${name}.db`);
    return this.startInto(name, start, new SqliteProjection(name, path, effects, () => clock.monotonic()));
  }

  /**
   * Starts a reader that writes into a projection of its own; closing the reader closes it.
   * @throws {CodedError} `bad-reader`
   */
  startInto(name: string, { rooms, fromNow }: ReaderStart, projection: Projection): Reader {
    const { log, clock, random, logger } = this.#parts;
    if (rooms === null) {
      throw new CodedError(
        "bad-reader",
        "`rooms` is a room's name, or a beginning of names with one * behind it.",
      );
    }
    const fault = this.#faultOf(name);
    if (fault !== null) throw new CodedError("bad-reader", fault);
    const reader = new Reader({ name, isMine: rooms, fromNow, log, projection, clock, random, logger });
    this.#readers.set(name, reader);
    return reader;
  }

  /** Ends one, which may be started again. */
  async end(reader: Reader): Promise<void> {
    await reader.close();
    if (this.#readers.get(reader.name) === reader) this.#readers.delete(reader.name);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#readers.values()].map((reader) => this.end(reader)));
  }

  #faultOf(name: string): string | null {
    if (this.#isClosed) return "The server is closed.";
    if (typeof name !== "string" || !NAME.test(name)) {
      return "A reader's name is 1 to 64 lower-case letters, digits and hyphens, and begins with no hyphen.";
    }
    if (this.#readers.has(name)) return `There is a reader ${name} already.`;
    return null;
  }
}
