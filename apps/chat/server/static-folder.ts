import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { mediaType } from "./media-types.ts";
import { StaticFile } from "./static-file.ts";

/** A build puts eight or more characters of a hash before the extension: `app-3FKZ7QPL.js`. */
const HASHED_NAME = /[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+(\.map)?$/;

/**
 * Everything in a folder that may be served, by its path with slashes; documents (`.html`) are left
 * out, since each has a policy of its own. A folder that is not there is empty.
 */
export function loadStaticFolder(folder: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const path of listFiles(folder)) {
    const type = mediaType(path);
    if (type === null || type.startsWith("text/html")) continue;
    const name = relative(folder, path).split(sep).join("/");
    const cacheControl = isHashed(name) ? "public, max-age=31536000, immutable" : "no-cache";
    files.set(name, new StaticFile(readFileSync(path), type, { "cache-control": cacheControl }));
  }
  return files;
}

/** A hash has a digit or a capital; `live-connection.js` is only a long word. */
function isHashed(name: string): boolean {
  const match = HASHED_NAME.exec(name)?.[0];
  return match !== undefined && /[A-Z0-9]/.test(match.slice(1, match.indexOf(".", 1)));
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
