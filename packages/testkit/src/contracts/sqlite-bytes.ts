import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Everything in a folder's SQLite files, as it is at this moment. By another process: to open and close a
 * file of SQLite's in this one would drop its locks.
 */
export async function sqliteBytes(folder: string): Promise<Buffer> {
  const { stdout } = await run("sh", ["-c", 'cat "$0"/parlor.db*', folder], {
    encoding: "buffer",
    maxBuffer: 1e9,
  });
  return stdout;
}
