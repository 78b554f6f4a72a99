import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MIB = 1_048_576;
/** Above what a run writes; small enough to be filled in a moment. */
const SIZE_MIB = 768;

/**
 * A folder on a file system of its own that can be filled to the last byte, where this process may mount
 * one; else a plain folder, which can't.
 */
export class ScratchDisk implements Disposable {
  readonly folder: string;
  readonly canBeFilled: boolean;
  readonly #ballast: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "parlor-torture-"));
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE_MIB}m`, "tmpfs", this.folder]);
    this.canBeFilled = mounted.status === 0;
    this.#ballast = join(this.folder, "ballast");
  }

  /** Takes all the room that is left. */
  fill(): void {
    if (!this.canBeFilled) throw new Error("a disk that others use is not filled");
    const file = openSync(this.#ballast, "w");
    try {
      const { bavail, bsize } = statfsSync(this.folder);
      // Big pieces first; the last bytes go one page at a time, until there is no room.
      writePieces(file, Buffer.alloc(MIB), Math.floor((bavail * bsize) / MIB));
      writePieces(file, Buffer.alloc(4_096), 1_024);
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  [Symbol.dispose](): void {
    if (this.canBeFilled) spawnSync("umount", ["-l", this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function writePieces(file: number, piece: Buffer, count: number): void {
  for (let i = 0; i < count; i++) {
    try {
      writeSync(file, piece);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
      throw error;
    }
  }
}
