import { bodyFromJson } from "@parlor/protocol";
import type { FileDesk } from "../files/file-desk.ts";
import { MAX_FILES_A_MESSAGE, namedFiles } from "../files/named-files.ts";
import type { Refusal } from "./hooks.ts";

/**
 * Whether all files that a body names are in its room; null, without a promise, where it names none. A body that
 * names one which is not would show a hole, and be a way to ask what other rooms hold.
 */
export function filesFault(
  files: FileDesk,
  room: string,
  { bodyJson }: { readonly bodyJson: string },
): Promise<Refusal | null> | null {
  const hashes = namedFiles(bodyJson, () => bodyFromJson(bodyJson));
  if (hashes.length === 0) return null;
  return hashes.length > MAX_FILES_A_MESSAGE
    ? Promise.resolve({ code: "bad-frame", message: `A message holds at most ${MAX_FILES_A_MESSAGE} files.` })
    : missingFile(files, room, hashes);
}

async function missingFile(
  files: FileDesk,
  room: string,
  hashes: readonly string[],
): Promise<Refusal | null> {
  try {
    const found = await Promise.all(hashes.map((hash) => files.file(room, hash)));
    if (found.every((file) => file !== null)) return null;
    return {
      code: "bad-frame",
      message: "A file that the message names is not in this room; upload it first.",
    };
  } catch {
    // What is wrong with the disk is in the server's log when a file is asked for.
    return {
      code: "unavailable",
      message: "The disk for files can't be used now; try again.",
      retryAfterMs: 1_000,
    };
  }
}
