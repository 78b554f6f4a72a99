import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LogOptions } from "@parlor/log";
import { describeRoomLogContract, type RoomLogSubject } from "@parlor/testkit";
import { SqliteLog } from "./sqlite-log.ts";

const run = promisify(execFile);

async function open(folder: string, options: LogOptions): Promise<RoomLogSubject> {
  const log = await SqliteLog.open({ ...options, folder });
  return {
    log,
    dispose: async () => {
      await log.close();
      await rm(folder, { recursive: true, force: true });
    },
    reopen: async () => {
      await log.close();
      return open(folder, options);
    },
    bytesOnDisk: async () => {
      // By another process: to open and close a file of SQLite's in this one would drop its locks.
      const { stdout } = await run("sh", ["-c", 'cat "$0"/parlor.db*', folder], {
        encoding: "buffer",
        maxBuffer: 1e9,
      });
      return stdout;
    },
  };
}

describeRoomLogContract({
  name: "SqliteLog",
  isOnDisk: true,
  create: async (options) => open(await mkdtemp(join(tmpdir(), "parlor-log-")), options),
});
