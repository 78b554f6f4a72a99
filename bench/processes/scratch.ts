import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

// Inside the repository and not in the system's temporary folder, which may be memory: an fsync there
// costs nothing and says nothing.
const ROOT = join(import.meta.dirname, "../../.build/bench");

/** A folder on a real disk, gone when it is disposed of. */
export class Scratch {
  readonly folder: string;

  constructor() {
    mkdirSync(ROOT, { recursive: true });
    this.folder = mkdtempSync(join(ROOT, "run-"));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
