import type { CopySource } from "@parlor/log";
import { type FilesEnd, hasFiles, openFolderFiles, openSharedFiles } from "@parlor/server";
import { filesFolder } from "../kept-files.ts";
import { patiently } from "../nats/patiently.ts";
import type { CopyEnd } from "./copy-ends.ts";

/**
 * The files of a log that is open as one end of a copy, and is to be closed after them.
 *
 * @param makes  Whether they are made where there are none; else null.
 */
export async function openFilesOf(end: CopyEnd, log: CopySource, makes: boolean): Promise<FilesEnd | null> {
  if (end.kind === "sqlite") {
    const folder = filesFolder(end.folder);
    return makes || hasFiles(folder) ? await openFolderFiles(folder) : null;
  }
  const { findNatsFiles, MAX_NATS_FILE_BYTES, NatsCopy, openNatsBlobs } = await import("@parlor/nats");
  if (!(log instanceof NatsCopy)) throw new Error("the log of the other end was given");
  const options = { url: end.url };
  if (!makes && (await patiently(() => findNatsFiles(options))) === null) return null;
  const store = await patiently(() => openNatsBlobs(options));
  const shared = { words: end.words, store, maxFileBytes: MAX_NATS_FILE_BYTES, log: log.sideLog() };
  return await openSharedFiles(shared, () => store.close());
}
