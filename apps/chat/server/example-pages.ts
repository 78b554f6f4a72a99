import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STRICT_POLICY } from "./content-policy.ts";
import { htmlDocument } from "./html-document.ts";
import type { StaticFile } from "./static-file.ts";

const EXAMPLES = ["game"];

/** The documents of the examples below `examples/NAME`; their files lie beside them in what was built. */
export function examplePages(folder: string, basePath: string): ReadonlyMap<string, StaticFile> {
  const pages = new Map<string, StaticFile>();
  for (const name of EXAMPLES) {
    const html = builtPage(join(folder, "examples", name, "index.html"));
    // Without a build the chat's page says what is to be done.
    if (html === null) continue;
    const page = htmlDocument(html, basePath, { ...STRICT_POLICY, "form-action": [] });
    for (const path of [`examples/${name}`, `examples/${name}/`]) pages.set(path, page);
  }
  return pages;
}

function builtPage(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
