import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeRoomLogContract, type RoomLogSubject, sqliteBytes } from "@parlor/testkit";
import type { LogOptions } from "../log-options.ts";
import { MemoryLog } from "../memory-log.ts";
import type { RoomLog } from "../room-log.ts";
import { SqliteLog } from "../sqlite-log.ts";
import { LogHost } from "./log-host.ts";
import { RemoteLog } from "./remote-log.ts";

/** A log, its host and one worker, over a socket in `folder`. */
async function link(owned: RoomLog, folder: string): Promise<RoomLogSubject & { close(): Promise<void> }> {
  const path = join(folder, "log.sock");
  const host = await LogHost.listen({ log: owned, path });
  const log = await RemoteLog.open({ path });
  const close = async (): Promise<void> => {
    await log.close();
    await host.close();
    await owned.close();
  };
  const dispose = async (): Promise<void> => {
    await close();
    await rm(folder, { recursive: true, force: true });
  };
  return { log, close, dispose };
}

const freshFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "parlor-remote-"));

async function onDisk(folder: string, options: LogOptions): Promise<RoomLogSubject> {
  const subject = await link(await SqliteLog.open({ ...options, folder }), folder);
  return {
    ...subject,
    reopen: async () => {
      await subject.close();
      return onDisk(folder, options);
    },
    bytesOnDisk: () => sqliteBytes(folder),
  };
}

describeRoomLogContract({
  name: "RemoteLog of a MemoryLog",
  isOnDisk: false,
  create: async (options) => link(new MemoryLog(options), await freshFolder()),
});

describeRoomLogContract({
  name: "RemoteLog of a SqliteLog",
  isOnDisk: true,
  create: async (options) => onDisk(await freshFolder(), options),
});
