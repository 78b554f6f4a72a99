import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary folder with the given files in it, gone when it is disposed of. */
export class ScratchFolder {
  readonly root: string;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.root = mkdtempSync(join(tmpdir(), "parlor-scratch-"));
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    const full = join(this.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
