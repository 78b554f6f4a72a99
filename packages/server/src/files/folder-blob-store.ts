import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  statfs,
  unlink,
  utimes,
  type FileHandle,
} from "node:fs/promises";
import { join } from "node:path";
import { type Clock, CodedError, randomId, systemClock } from "@parlor/base";
import { type Blob, type BlobStore, isBlobHash, type PutPart, type StoredThing } from "@parlor/log";
import { storageFault } from "./storage-fault.ts";

/** Bytes read at a time, of parts and of blobs. */
const READ_BYTES = 65_536;
const PART_NAME = /^[A-Za-z0-9_-]{22}$/;

/**
 * Blobs in a folder: `blobs/ab/abcdef…` by their hash, in 256 folders, and `parts` beside them. Everything is
 * written under a name of its own that ends in `.new`, synced, and only then given the name that it is found by;
 * what a process left that was killed meanwhile is found by `list` as a part.
 */
export class FolderBlobStore implements BlobStore {
  readonly #blobs: string;
  readonly #parts: string;
  readonly #clock: Clock;

  private constructor(folder: string, clock: Clock) {
    this.#blobs = join(folder, "blobs");
    this.#parts = join(folder, "parts");
    this.#clock = clock;
  }

  /** @throws {Error} the system's, where the folder can't be made or written to. */
  static async open(folder: string, clock: Clock = systemClock): Promise<FolderBlobStore> {
    const store = new FolderBlobStore(folder, clock);
    await mkdir(store.#blobs, { recursive: true });
    await mkdir(store.#parts, { recursive: true });
    return store;
  }

  putPart(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<PutPart> {
    return orFault(async () => {
      const part = randomId(22);
      let written = 0;
      await this.#make(join(this.#parts, part), async (file) => {
        if (maxBytes <= 0) return;
        for await (const chunk of bytes) {
          const fitting = chunk.subarray(0, maxBytes - written);
          await writeAll(file, fitting);
          written += fitting.length;
          if (written >= maxBytes) break;
        }
      });
      return { part, bytes: written };
    });
  }

  assemble(parts: readonly string[]): Promise<Blob> {
    return orFault(async () => {
      const hash = createHash("sha256");
      let size = 0;
      const made = join(this.#parts, `${randomId(22)}.new`);
      try {
        const file = await open(made, "wx");
        try {
          for (const part of parts) {
            for await (const chunk of this.#readPart(part)) {
              hash.update(chunk);
              await writeAll(file, chunk);
              size += chunk.length;
            }
          }
          await file.sync();
        } finally {
          await file.close();
        }
        const name = hash.digest("hex");
        await this.#name(made, name);
        return { hash: name, size };
      } finally {
        await rm(made, { force: true });
      }
    });
  }

  async size(hash: string): Promise<number | null> {
    if (!isBlobHash(hash)) return null;
    return orFault(async () => {
      try {
        return (await stat(this.#blobPath(hash))).size;
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    });
  }

  async *read(hash: string, start: number, end: number): AsyncIterable<Uint8Array> {
    if (!isBlobHash(hash)) throw noBlob(hash);
    if (end <= start) return;
    try {
      yield* readFrom(this.#blobPath(hash), start, end);
    } catch (error) {
      throw isMissing(error) ? noBlob(hash) : storageFault(error);
    }
  }

  async delete(hash: string): Promise<boolean> {
    if (!isBlobHash(hash)) return false;
    return orFault(async () => {
      if (!(await removed(this.#blobPath(hash)))) return false;
      await syncFolder(join(this.#blobs, hash.slice(0, 2)));
      return true;
    });
  }

  dropParts(parts: readonly string[]): Promise<void> {
    return orFault(async () => {
      for (const part of parts) if (isPartName(part)) await removed(join(this.#parts, part));
    });
  }

  async *list(): AsyncIterable<StoredThing> {
    for (const name of await readdir(this.#parts)) yield* thing("part", name, join(this.#parts, name));
    for (const folder of await readdir(this.#blobs)) {
      for (const name of await readdir(join(this.#blobs, folder))) {
        yield* thing("blob", name, join(this.#blobs, folder, name));
      }
    }
  }

  freeBytes(): Promise<number> {
    return orFault(async () => {
      const { bavail, bsize } = await statfs(this.#parts);
      return bavail * bsize;
    });
  }

  /** A file that has its name when it is whole and on the disk, or is not there. */
  async #make(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
    const made = `${path}.new`;
    try {
      const file = await open(made, "wx");
      try {
        await write(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(made, path);
      await syncFolder(this.#parts);
    } finally {
      await rm(made, { force: true });
    }
  }

  /** Where the blob is there already its bytes are the same, so that one stays and is as new. */
  async #name(made: string, hash: string): Promise<void> {
    const folder = join(this.#blobs, hash.slice(0, 2));
    const path = join(folder, hash);
    const nowSeconds = this.#clock.now() / 1000;
    try {
      await utimes(path, nowSeconds, nowSeconds);
      // Whoever gave it its name may not have come so far.
      await syncFolder(folder);
      return;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if ((await mkdir(folder, { recursive: true })) !== undefined) await syncFolder(this.#blobs);
    await rename(made, path);
    await syncFolder(folder);
  }

  async *#readPart(part: string): AsyncIterable<Uint8Array> {
    if (!isPartName(part)) throw noPart(part);
    try {
      yield* readFrom(join(this.#parts, part), 0, Infinity);
    } catch (error) {
      throw isMissing(error) ? noPart(part) : error;
    }
  }

  #blobPath(hash: string): string {
    return join(this.#blobs, hash.slice(0, 2), hash);
  }
}

function readFrom(path: string, start: number, end: number): AsyncIterable<Uint8Array> {
  return createReadStream(path, { start, end: end - 1, highWaterMark: READ_BYTES });
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done);
    done += bytesWritten;
  }
}

async function* thing(kind: "blob" | "part", name: string, path: string): AsyncIterable<StoredThing> {
  try {
    yield { kind, name, madeAt: (await stat(path)).mtimeMs };
  } catch (error) {
    // Deleted while others were looked at.
    if (!isMissing(error)) throw error;
  }
}

async function removed(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** So that names in a folder survive a power cut, as the bytes behind them do. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Also what was still being written when a process died. */
function isPartName(name: string): boolean {
  return PART_NAME.test(name.replace(/\.new$/, ""));
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function noPart(part: string): CodedError {
  return new CodedError("no-part", `There is no part ${JSON.stringify(part)}.`);
}

function noBlob(hash: string): CodedError {
  return new CodedError("no-blob", `There is no blob ${JSON.stringify(hash)}.`);
}

async function orFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageFault(error);
  }
}
