import { createHash } from "node:crypto";
import { CodedError } from "@parlor/base";
import type { FilesEnd } from "./files-end.ts";
import { allFiles, type FoundFiles, isKnown, type MoveFilesProgress } from "./move-files.ts";

/**
 * Reads all files of the source in the target, byte for byte, and holds the ledgers against each other.
 *
 * @param lost  Hashes of files that the source has not either.
 * @throws {CodedError} `not-the-same`: what differs.
 */
export async function verifyFiles(
  source: FilesEnd,
  target: FilesEnd,
  { blobs, bytes }: FoundFiles,
  lost: ReadonlySet<string>,
  progress: MoveFilesProgress,
): Promise<void> {
  let done = 0;
  for (const { hash, size } of blobs) {
    const found = createHash("sha256");
    if (!lost.has(hash)) {
      for await (const chunk of target.store.read(hash, 0, size)) found.update(chunk);
      if (found.digest("hex") !== hash) {
        // So that it is not taken for there the next time.
        await target.store.delete(hash);
        throw new CodedError(
          "not-the-same",
          `the file ${hash} had other bytes in ${target.words}, and was deleted there; say it again`,
        );
      }
    }
    progress((done += size), bytes);
  }
  for await (const file of allFiles(source)) {
    if (await isKnown(target, file)) continue;
    throw new CodedError(
      "not-the-same",
      `of the file ${file.hash} of the room ${JSON.stringify(file.room)} less is known in ${target.words}`,
    );
  }
}
