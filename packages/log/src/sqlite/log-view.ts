import { DatabaseSync } from "node:sqlite";
import { CodedError } from "@parlor/base";
import { existingLog, unreadable } from "./existing-log.ts";
import type { Page, ReadBounds, RoomSummary } from "../room-log.ts";
import { APPLICATION_ID, FORMAT } from "./format.ts";
import { pragmaValue } from "./open-database.ts";
import { unpackMessages } from "./page-columns.ts";
import { Reader } from "./reader.ts";

/**
 * Looks into the log of a folder and changes nothing, also while a server has it: for the operator's
 * tools. Each answer is of one moment. It reads on the thread that asks, so it is not for servers.
 */
export class LogView implements Disposable {
  readonly #db: DatabaseSync;
  readonly #reader: Reader;

  /** @throws {CodedError} `no-log`, `log-not-ours`, or `log-format`: another version of Parlor wrote it. */
  constructor(folder: string) {
    const file = existingLog(folder);
    this.#db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    try {
      requireReadable(this.#db, file);
      this.#reader = new Reader(this.#db);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** As `RoomLog.rooms`. */
  rooms(afterName: string, limit: number): readonly RoomSummary[] {
    const answer = this.#reader.answer({ kind: "rooms", afterName, limit });
    if (answer.kind !== "rooms") throw new Error(`asked for rooms, the reader gave ${answer.kind}`);
    return answer.rooms;
  }

  /** As `RoomLog.read`. @throws {DamagedRecord} where a record is not what was stored. */
  read(room: string, after: number, bounds: ReadBounds): Page {
    const answer = this.#reader.answer({ kind: "read", room, after, bounds });
    if (answer.kind !== "page") throw new Error(`asked for a page, the reader gave ${answer.kind}`);
    const { messages, ...rest } = answer.page;
    return { ...rest, messages: unpackMessages(messages) };
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

/** As SQLite numbers its faults. */
const NOT_A_DATABASE = 26;

/**
 * @throws {CodedError} `log-not-ours`, or `log-format`: another version of Parlor wrote it. `unavailable`: this user may
 *   not read it, or the disk does not give it.
 */
export function requireReadable(db: DatabaseSync, file: string): void {
  let application: unknown;
  try {
    application = pragmaValue(db, "application_id");
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === NOT_A_DATABASE)
      throw new CodedError("log-not-ours", `${file} is no SQLite file`, { cause: error });
    throw unreadable(file, error);
  }
  if (application !== APPLICATION_ID) throw new CodedError("log-not-ours", `${file} is not a log of Parlor`);
  const format = pragmaValue(db, "user_version");
  if (format === FORMAT) return;
  throw new CodedError(
    "log-format",
    `${file} has format ${String(format)} and this version of Parlor reads ${FORMAT}; a server of this version migrates an older one when it starts`,
  );
}
