import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { STRICT_POLICY } from "./content-policy.ts";
import { htmlDocument } from "./html-document.ts";
import type { StaticFile } from "./static-file.ts";

/**
 * The documents of the examples that were built: the list of them at `examples`, and each below it. Their files lie
 * beside them. Without a build there is none, and the chat's page says what is to be done.
 */
export function examplePages(folder: string, basePath: string): ReadonlyMap<string, StaticFile> {
  const pages = new Map<string, StaticFile>();
  for (const path of builtDocuments(folder)) {
    const html = readFileSync(join(folder, path, "index.html"), "utf8");
    const page = htmlDocument(html, basePath, { ...STRICT_POLICY, "form-action": [] });
    for (const address of [path, `${path}/`]) pages.set(address, page);
  }
  return pages;
}

function builtDocuments(folder: string): string[] {
  try {
    const entries = readdirSync(join(folder, "examples"), { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `examples/${name}`);
    return ["examples", ...names];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
