import { statSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "@parlor/base";

/**
 * The file of the log in a folder.
 * @throws {CodedError} `no-log`: there is none. `unavailable`: this user may not see whether there is one.
 */
export function existingLog(folder: string): string {
  const file = join(folder, "parlor.db");
  try {
    statSync(file);
    return file;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new CodedError("no-log", `there is no parlor.db in ${folder}`);
    throw unreadable(file, error);
  }
}

/** Why a log that is there can't be looked into. */
export function unreadable(file: string, error: unknown): CodedError {
  const why = error instanceof Error ? error.message : String(error);
  return new CodedError("unavailable", `the log ${file} can't be read: ${why}`, { cause: error });
}
