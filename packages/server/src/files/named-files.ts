import { bodyFromJson, isJsonObject } from "@parlor/protocol";
import { isBlobHash, type StoredMessage } from "@parlor/log";

/** Files that one message may hold. */
export const MAX_FILES_A_MESSAGE = 20;

/** What every body that holds a file has in its JSON; most have not, and are not read. */
const MARK = /"files"\s*:\s*\[/;

/**
 * The files that a body names, by their hashes, each once: those members of its list `files` that have a
 * `hash` such as a file's. Bodies of other shapes name none; they are other programs'.
 */
export function namedFiles(bodyJson: string, body: () => unknown): readonly string[] {
  if (!MARK.test(bodyJson)) return [];
  const read = body();
  if (!isJsonObject(read) || !Array.isArray(read["files"])) return [];
  const hashes = (read["files"] as readonly unknown[]).map((file) =>
    isJsonObject(file) ? file["hash"] : null,
  );
  return [...new Set(hashes.filter(isBlobHash))];
}

/** Whether a message that is stored holds a file. */
export function holdsFile({ bodyJson, re }: StoredMessage, hash: string): boolean {
  if (bodyJson === null || re !== undefined) return false;
  return namedFiles(bodyJson, () => bodyFromJson(bodyJson)).includes(hash);
}
