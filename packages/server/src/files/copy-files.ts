import { existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { CodedError } from "@parlor/base";
import type { BlobStore } from "@parlor/log";
import { FileLedger } from "./file-ledger.ts";
import { Files, ledgerFile } from "./files.ts";
import { FolderBlobStore } from "./folder-blob-store.ts";

/** Whether a folder has files of rooms. */
export function hasFiles(folder: string): boolean {
  return existsSync(ledgerFile(folder));
}

/**
 * Copies the files of `folder` to a new folder, while servers may use them. Copy the log first: what its messages
 * hold is then among them, but for what was deleted meanwhile. Each file's hash is looked at; all is on the disk
 * before the folder has its name. Uploads that have not come to their end are left out; without files there is no folder.
 *
 * @throws {CodedError} `exists`: `target` is there, and is left as it is. `damaged`: a file is not what it was;
 *   no folder is left.
 */
export async function copyFiles(
  folder: string,
  target: string,
  progress: (done: number, total: number) => void,
): Promise<void> {
  if (existsSync(target)) throw new CodedError("exists", `${target} is there already; it was left as it is`);
  const part = `${target}.part`;
  await rm(part, { recursive: true, force: true });
  const files = await Files.open({ folder, collects: false });
  try {
    if ((await files.ledger.calls.hashes()).length === 0) return;
    await mkdir(part, { recursive: true });
    await files.ledger.calls.copyTo(ledgerFile(part));
    await sync(ledgerFile(part));
    const copy = await FileLedger.open(ledgerFile(part));
    try {
      await copyBlobs(files.store, await FolderBlobStore.open(part), await copy.calls.hashes(), progress);
    } finally {
      await copy.close();
    }
    await sync(part);
    await rename(part, target);
    await sync(dirname(target));
  } finally {
    await rm(part, { recursive: true, force: true });
    await files.close();
  }
}

async function copyBlobs(
  from: BlobStore,
  to: BlobStore,
  hashes: readonly string[],
  progress: (done: number, total: number) => void,
): Promise<void> {
  for (const [index, hash] of hashes.entries()) {
    progress(index, hashes.length);
    const size = await from.size(hash);
    // Deleted since: with its message, which a page of the copy shows without it.
    if (size === null) continue;
    const { part } = await to.putPart(from.read(hash, 0, size), Infinity);
    const copied = await to.assemble([part]);
    await to.dropParts([part]);
    if (copied.hash !== hash)
      throw new CodedError("damaged", `the file ${hash} is not what it was; its bytes changed`);
  }
  progress(hashes.length, hashes.length);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
