import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogOptions } from "@parlor/log";
import { describeRoomLogContract, type RoomLogSubject, sqliteBytes } from "@parlor/testkit";
import { SqliteLog } from "./sqlite-log.ts";

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
    bytesOnDisk: () => sqliteBytes(folder),
  };
}

describeRoomLogContract({
  name: "SqliteLog",
  isOnDisk: true,
  create: async (options) => open(await mkdtemp(join(tmpdir(), "parlor-log-")), options),
});
