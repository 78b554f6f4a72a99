import { after } from "node:test";
import type { LogOptions } from "@parlor/log";
import { describeRoomLogContract, NatsCluster, type RoomLogSubject } from "@parlor/testkit";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openNatsLog } from "./nats-log.ts";

const cluster = await NatsCluster.start();
after(() => cluster.stop());

let logs = 0;

/** How long the server may keep what it acknowledged before it writes it to its files. */
const FLUSH_MS = 300;

async function open(name: string, options: LogOptions): Promise<RoomLogSubject> {
  // None of them is about time, and a busy machine needs some.
  const patience = { appendTimeoutMs: 20_000 };
  const log = await openNatsLog({ ...options, ...patience, url: cluster.url, name, shards: 2 });
  return {
    log,
    dispose: () => log.close(),
    reopen: async () => {
      await log.close();
      return open(name, options);
    },
    bytesOnDisk: async () => {
      await wait(FLUSH_MS);
      const folder = cluster.dataFolderOf(0);
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
      return Buffer.concat(await Promise.all(paths.map((path) => readFile(path))));
    },
  };
}

describeRoomLogContract({
  name: "NatsLog",
  isOnDisk: true,
  create: (options) => open(`log${++logs}`, options),
});
