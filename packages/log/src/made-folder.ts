import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CodedError } from "@parlor/base";

/**
 * Makes a folder, and those above it that are missing; one that is there is left as it is.
 *
 * Intentionally not Node's `recursive`, which never ends where the system makes nothing in a folder that is there, as
 * below `/proc`: it makes the one above, finds it, and tries again.
 *
 * @throws {CodedError} `unavailable`: it can't be made, or is no folder; in words, with the system's reason.
 */
export function makeFolder(folder: string): void {
  try {
    make(resolve(folder));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CodedError("unavailable", `the folder ${folder} can't be used: ${why}`, { cause: error });
  }
}

function make(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    const above = dirname(path);
    if (code !== "ENOENT" || existsSync(above)) throw error;
    make(above);
    make(path);
  }
}
