import type { Random } from "@parlor/base";
import { randomInteger } from "@parlor/testkit";

const SECTOR_BYTES = 512;

/** Thrown where the disk says no, as the system would. */
export class DiskError extends Error {
  readonly code: "ENOSPC" | "EIO";

  constructor(code: "ENOSPC" | "EIO") {
    super(code === "ENOSPC" ? "no space left on device" : "input/output error");
    this.code = code;
  }
}

/**
 * One file on a disk that keeps only what was synced: a power cut leaves of the rest what it likes, and a sync
 * that failed has given up what it was to write, whatever a later one says.
 */
export class SimulatedDisk {
  isFull = false;
  /** Syncs fail from now on. */
  isBad = false;
  #bytes = Buffer.alloc(32_768);
  #length = 0;
  #synced = 0;
  /** A failed sync left this much behind it that no later sync writes. */
  #givenUpTo = 0;

  get length(): number {
    return this.#length;
  }

  read(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what is surely on it. */
  copy(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#synced));
  }

  /** Puts a copy in the place of what there is. */
  restore(copy: Buffer): void {
    this.#bytes = Buffer.from(copy);
    this.#length = this.#synced = copy.length;
    this.#givenUpTo = 0;
  }

  /** @throws {DiskError} ENOSPC, having written some of it. */
  write(bytes: Uint8Array, random: Random): void {
    const taken = this.isFull ? randomInteger(random, 0, bytes.length - 1) : bytes.length;
    while (this.#length + taken > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], Math.max(32_768, this.#bytes.length * 2));
    }
    this.#bytes.set(bytes.subarray(0, taken), this.#length);
    this.#length += taken;
    if (this.isFull) throw new DiskError("ENOSPC");
  }

  /** Takes back what stands behind `length`: a write that failed, or what a power cut left of one. */
  truncate(length: number): void {
    this.#length = length;
    this.#synced = Math.min(this.#synced, length);
  }

  /** What was written before `length` is on the disk. @throws {DiskError} EIO */
  sync(length: number): void {
    if (this.isBad) {
      this.#givenUpTo = this.#length;
      throw new DiskError("EIO");
    }
    if (this.#givenUpTo <= this.#synced) this.#synced = Math.max(this.#synced, length);
  }

  /**
   * The power is cut, or the system dies: of what was not synced nothing is left, or all, or what was
   * written first, or any of its sectors. Answers which.
   */
  crash(random: Random): "nothing" | "all" | "a prefix" | "some sectors" {
    const unsynced = this.#length - this.#synced;
    this.#givenUpTo = 0;
    this.isBad = false;
    if (unsynced === 0) return "nothing";
    const what =
      (["nothing", "all", "a prefix", "some sectors"] as const)[randomInteger(random, 0, 3)] ?? "all";
    if (what === "nothing") this.#length = this.#synced;
    else if (what === "a prefix") this.#length = this.#synced + randomInteger(random, 0, unsynced);
    else if (what === "some sectors") this.#tear(random);
    this.#synced = this.#length;
    return what;
  }

  #tear(random: Random): void {
    for (let at = this.#synced; at < this.#length; ) {
      const end = Math.min(this.#length, at - (at % SECTOR_BYTES) + SECTOR_BYTES);
      if (random() < 0.5) this.#bytes.fill(0, at, end);
      at = end;
    }
  }
}
