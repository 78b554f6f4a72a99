import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { readWorkspace } from "../workspace.ts";
import type { Edit } from "./mutant.ts";

/** Folders that are not copied: history, data, and what is linked instead. */
const LEFT_OUT = new Set([".git", ".build", "data", "node_modules", "results"]);

/**
 * A copy of the repository in which code may be broken. Its packages find one another and not the
 * originals; what npm installed is linked. Gone when it is disposed of.
 */
export class ScratchCopy {
  readonly root = mkdtempSync(join(tmpdir(), "parlor-mutants-"));

  constructor(original: string) {
    cpSync(original, this.root, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    const installed = join(original, "node_modules");
    const own = join(this.root, "node_modules");
    mkdirSync(own);
    const { packages } = readWorkspace(this.root);
    const scopes = new Set(packages.map(({ name }) => name.split("/")[0] as string));
    for (const entry of readdirSync(installed)) {
      if (!scopes.has(entry)) symlinkSync(join(installed, entry), join(own, entry));
    }
    for (const { name, folder } of packages) {
      mkdirSync(join(own, name, ".."), { recursive: true });
      symlinkSync(join(this.root, folder), join(own, name));
    }
  }

  /**
   * Makes all edits, or none and says why not. What is returned is disposed of to undo them.
   */
  apply(edits: readonly Edit[]): { readonly undo: Disposable } | { readonly why: string } {
    const originals = new Map<string, string>();
    const changed = new Map<string, string>();
    for (const { file, find, replace } of edits) {
      const path = join(this.root, file);
      if (!existsSync(path)) return { why: `${file} does not exist` };
      const text = changed.get(path) ?? readFileSync(path, "utf8");
      const count = text.split(find).length - 1;
      if (count !== 1)
        return { why: `${file} holds the text to replace ${count} times: ${find.split("\n")[0]?.trim()}` };
      if (!originals.has(path)) originals.set(path, text);
      changed.set(
        path,
        text.replace(find, () => replace),
      );
    }
    for (const [path, text] of changed) writeFileSync(path, text);
    const undo = (): void => {
      for (const [path, text] of originals) writeFileSync(path, text);
    };
    return { undo: { [Symbol.dispose]: undo } };
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
