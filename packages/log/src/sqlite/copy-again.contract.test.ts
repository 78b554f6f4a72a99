import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeCopyAgainContract, sqliteBytes } from "@parlor/testkit";
import { SqliteLog } from "../sqlite-log.ts";
import { SqliteCopySource } from "./copy-source.ts";
import { SqliteCopyTarget } from "./copy-target.ts";

describeCopyAgainContract({
  name: "from file to file",
  create: async () => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-copy-"));
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    return {
      openSource: () => SqliteLog.open({ folder: from }),
      copySource: async () => SqliteCopySource.open(from),
      openTarget: () => SqliteLog.open({ folder: to }),
      copyTarget: async (epoch) => SqliteCopyTarget.open(to, epoch),
      bytesOfTarget: () => sqliteBytes(to),
      dispose: () => rm(folder, { recursive: true, force: true }),
    };
  },
});
