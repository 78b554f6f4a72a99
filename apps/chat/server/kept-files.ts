import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CodedError, randomId, systemClock } from "@parlor/base";
import { Files, type FilesOptions } from "@parlor/server";
import type { Settings } from "./flag-table.ts";
import { OnlyOne } from "./nats/only-one.ts";
import { patiently } from "./nats/patiently.ts";
import type { OpenedLog } from "./opened-log.ts";

/** What a store on a cluster takes as one file. */
const MAX_SHARED_FILE_BYTES = 2 ** 31;

export interface KeptFiles {
  readonly files: Files;
  close(): Promise<void>;
}

/** Where the files of a data folder are. */
export function filesFolder(data: string): string {
  return join(resolve(data), "files");
}

/**
 * Files as the settings keep them: in the data folder, or as long as the process where the rooms are in memory; where
 * the log has a place for them, with it.
 *
 * @param worker  Which of several processes with one data folder this is; undefined where it is the only one.
 */
export async function openFiles(
  opened: OpenedLog,
  settings: Settings,
  collects: boolean,
  worker: string | undefined,
): Promise<KeptFiles> {
  const limits = {
    maxFileBytes: settings.maxFileBytes,
    maxRoomBytes: settings.roomFilesBytes,
    maxIdentityBytes: settings.identityFilesBytes,
  };
  if (opened.blobs !== undefined) {
    if (limits.maxFileBytes > MAX_SHARED_FILE_BYTES)
      throw new CodedError("bad-option", "On a cluster --max-file-bytes is at most 2147483648 (2 GiB).");
    const folder = join(resolve(settings.data), "files-of-cluster", worker ?? "1");
    return await openShared(opened, { ...limits, folder, store: opened.blobs, ledgerLog: opened.log });
  }
  const isForNow = settings.log === "memory:";
  const folder = isForNow ? await mkdtemp(join(tmpdir(), "parlor-files-")) : filesFolder(settings.data);
  const files = await Files.open({ ...limits, folder, collects });
  return {
    files,
    close: async () => {
      await files.close();
      if (isForNow) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Of the nodes one looks for what nobody holds. */
async function openShared({ bus }: OpenedLog, options: FilesOptions): Promise<KeptFiles> {
  let collects = bus === undefined;
  const files = await patiently(() => Files.open({ ...options, collects: () => collects }));
  const onChange = (isThis: boolean): void => void (collects = isThis);
  const one = bus && new OnlyOne({ what: "files", id: randomId(12), bus, clock: systemClock, onChange });
  return {
    files,
    close: async () => {
      one?.close();
      await files.close();
    },
  };
}
