import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { SqliteLog, type SqliteLogOptions } from "@parlor/log";

/** A folder of its own that goes with its test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-server-test-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A log on disk, in a folder of its own; `startParlor` closes it. */
export async function sqliteLog(
  t: TestContext,
  options: Omit<SqliteLogOptions, "folder"> = {},
): Promise<SqliteLog> {
  return SqliteLog.open({ folder: await temporaryFolder(t), ...options });
}
