import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { SqliteCopySource, SqliteCopyTarget, SqliteLog } from "@parlor/log";
import { NatsCopy, openNatsLog } from "@parlor/nats";
import { type CopySubject, describeCopyAgainContract, NatsCluster, sqliteBytes } from "@parlor/testkit";

const cluster = await NatsCluster.start();
after(() => cluster.stop());

let logs = 0;

/** A log on the cluster, and one in a folder. */
async function pair(): Promise<{ onNats: Ends; inFolder: Ends; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-copy-"));
  const name = `again${++logs}`;
  return {
    folder,
    onNats: {
      open: () => openNatsLog({ url: cluster.url, name, shards: 2 }),
      copy: (epoch) => NatsCopy.open({ url: cluster.url, name, shards: 2, epoch, listenMs: 0 }),
    },
    inFolder: {
      open: () => SqliteLog.open({ folder }),
      copy: async (epoch) =>
        epoch === undefined ? SqliteCopySource.open(folder) : SqliteCopyTarget.open(folder, epoch),
    },
  };
}

interface Ends {
  readonly open: CopySubject["openSource"];
  readonly copy: (epoch?: string) => ReturnType<CopySubject["copySource"]>;
}

function subjectOf(from: Ends, to: Ends, folder: string): CopySubject {
  return {
    openSource: from.open,
    copySource: () => from.copy(),
    openTarget: to.open,
    copyTarget: (epoch) => to.copy(epoch) as ReturnType<CopySubject["copyTarget"]>,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

describeCopyAgainContract({
  name: "from a file to the cluster",
  create: async () => {
    const { onNats, inFolder, folder } = await pair();
    return subjectOf(inFolder, onNats, folder);
  },
});

describeCopyAgainContract({
  name: "from the cluster to a file",
  create: async () => {
    const { onNats, inFolder, folder } = await pair();
    return { ...subjectOf(onNats, inFolder, folder), bytesOfTarget: () => sqliteBytes(folder) };
  },
});
