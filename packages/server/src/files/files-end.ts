import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlobStore } from "@parlor/log";
import { FileLedger } from "./file-ledger.ts";
import { ledgerFile } from "./files.ts";
import { FolderBlobStore } from "./folder-blob-store.ts";
import type { Ledger } from "./ledger.ts";
import { type LedgerLog, LogLedger } from "./log-ledger.ts";

/** Where the files of a log's rooms are, to be copied from or to, while no server uses them. */
export interface FilesEnd extends AsyncDisposable {
  /** For people. */
  readonly words: string;
  readonly store: BlobStore;
  readonly ledger: Ledger;
  /** Of one file. */
  readonly maxFileBytes: number;
}

/** Files of one folder, which is made where there is none. */
export async function openFolderFiles(folder: string): Promise<FilesEnd> {
  await mkdir(folder, { recursive: true });
  const store = await FolderBlobStore.open(folder);
  const ledger = await FileLedger.open(ledgerFile(folder));
  const close = (): Promise<void> => ledger.close();
  return { words: folder, store, ledger, maxFileBytes: Infinity, [Symbol.asyncDispose]: close };
}

/** Files whose ledger is in a log, as the nodes of a cluster have them; what is opened beside it is closed with it. */
export async function openSharedFiles(
  shared: Pick<FilesEnd, "words" | "store" | "maxFileBytes"> & { readonly log: LedgerLog },
  close: () => Promise<void>,
): Promise<FilesEnd> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-ledger-"));
  const end = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    await close();
  };
  try {
    const { log, ...place } = shared;
    const ledger = await LogLedger.open({ log, store: place.store, folder: join(folder, "ledger") });
    const closeAll = async (): Promise<void> => {
      await ledger.close();
      await end();
    };
    return { ...place, ledger, [Symbol.asyncDispose]: closeAll };
  } catch (error) {
    await end();
    throw error;
  }
}
