import { CodedError } from "@parlor/base";
import type { LogOptions } from "./log-options.ts";
import { MemoryLog } from "./memory-log.ts";
import type { RoomLog } from "./room-log.ts";
import { SqliteLog } from "./sqlite-log.ts";

/**
 * Opens the log that an operator named.
 *
 *   `sqlite:`       `parlor.db` in `dataFolder`
 *   `sqlite:DIR`    `parlor.db` in DIR
 *   `memory:`       nothing outlives the process
 *
 * @throws {CodedError} `bad-log` where `spec` is none of these, `elsewhere` for `nats://…`, which `@parlor/nats` opens, and what
 *   `SqliteLog.open` throws.
 */
export async function openLog(spec: string, dataFolder: string, options: LogOptions = {}): Promise<RoomLog> {
  if (spec === "memory:") return new MemoryLog(options);
  if (spec.startsWith("sqlite:")) {
    const folder = spec.slice("sqlite:".length);
    return SqliteLog.open({ ...options, folder: folder === "" ? dataFolder : folder });
  }
  if (spec.startsWith("nats://")) {
    throw new CodedError("elsewhere", "a log on NATS is opened with openNatsLog of @parlor/nats");
  }
  throw new CodedError("bad-log", `${JSON.stringify(spec)} names no log; use sqlite:, sqlite:DIR or memory:`);
}
