import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isTestFile } from "../source-files.ts";
import type { PublicPackage } from "./public-packages.ts";

/** The files of a public package that are published or compiled for it, as paths below `root`, with `/`. */
export function publishedFiles(root: string, { folder, contents }: PublicPackage): string[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    if (statSync(join(root, path)).isDirectory()) {
      for (const name of readdirSync(join(root, path))) if (!name.startsWith(".")) visit(`${path}/${name}`);
    } else if (!isTestFile(path)) found.push(path);
  };
  for (const each of contents) visit(`${folder}/${each}`);
  return found.sort();
}
