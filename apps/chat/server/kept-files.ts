import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Files } from "@parlor/server";
import type { Settings } from "./flag-table.ts";

/** Where the files of a data folder are. */
export function filesFolder(data: string): string {
  return join(resolve(data), "files");
}

/** Files as the settings keep them: in the data folder, or as long as the process where the rooms are in memory. */
export async function openFiles(
  settings: Settings,
  collects: boolean,
): Promise<{ readonly files: Files; close(): Promise<void> }> {
  const isForNow = settings.log === "memory:";
  const folder = isForNow ? await mkdtemp(join(tmpdir(), "parlor-files-")) : filesFolder(settings.data);
  const files = await Files.open({
    folder,
    collects,
    maxFileBytes: settings.maxFileBytes,
    maxRoomBytes: settings.roomFilesBytes,
    maxIdentityBytes: settings.identityFilesBytes,
  });
  return {
    files,
    close: async () => {
      await files.close();
      if (isForNow) await rm(folder, { recursive: true, force: true });
    },
  };
}
