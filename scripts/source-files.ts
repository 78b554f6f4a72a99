import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Folders that hold nothing of ours, or nothing written by hand. */
const LEFT_OUT = new Set(["node_modules", "dist", ".git", ".build", "data", "results"]);

/** Files below `root` whose name ends with one of `endings`, by name, as paths with `/` below the root. */
export function sourceFiles(root: string, endings: readonly string[]): string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!LEFT_OUT.has(entry.name)) visit(path);
      } else if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) {
        found.push(path);
      }
    }
  };
  visit("");
  return found.sort();
}

/** Whether a file is there for tests or measuring only, and so may import whatever it likes. */
export function isTestFile(path: string): boolean {
  return /(\.test|\.e2e|\.bench)\.tsx?$/.test(path) || /(^|\/)(test|e2e)\//.test(path);
}
