import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, systemClock } from "@parlor/base";
import type { BlobStore } from "./blob-store.ts";
import { FileDesk } from "./file-desk.ts";
import { FileLedger } from "./file-ledger.ts";
import { FolderBlobStore } from "./folder-blob-store.ts";
import type { FileLimits } from "./ledger-records.ts";

const MIB = 1_048_576;

export interface FilesOptions {
  /** Where the ledger is, and the files where no other `store` is given; made if missing. */
  readonly folder: string;

  /** Where the bytes are. @default a `FolderBlobStore` in `folder` */
  readonly store?: BlobStore | undefined;

  /** Bytes of one file. Above it: `too-large`. 1 to 2 ** 40. @default 26_214_400 (25 MiB) */
  readonly maxFileBytes?: number | undefined;

  /** Bytes of all files of one room. Above it: `too-large`. @default 2_147_483_648 (2 GiB). `Infinity` turns it off. */
  readonly maxRoomBytes?: number | undefined;

  /**
   * Bytes of all files that one identity has uploaded and that are still there. Above it: `too-large`.
   * @default 268_435_456 (256 MiB). `Infinity` turns it off.
   */
  readonly maxIdentityBytes?: number | undefined;

  /**
   * Bytes of all files together. Above it: `unavailable`, as where less than 256 MiB of the disk would be left.
   * @default 21_474_836_480 (20 GiB). `Infinity` turns it off.
   */
  readonly maxTotalBytes?: number | undefined;

  /**
   * How long an upload may stand still, or wait for a message that holds it, before it is deleted, ms.
   * 1_000 to 2_592_000_000.
   * @default 86_400_000 (a day)
   */
  readonly orphanAgeMs?: number | undefined;

  /**
   * Whether this process looks for what nobody holds any more and deletes it: one of those that share the folder.
   * @default true
   */
  readonly collects?: boolean | undefined;
}

/** The files of a server's rooms: give it to `Parlor` as `files`. Whoever opened it closes it. */
export class Files {
  readonly folder: string;
  readonly store: BlobStore;
  readonly ledger: FileLedger;
  readonly limits: FileLimits;
  readonly orphanAgeMs: number;
  readonly collects: boolean;

  private constructor(options: FilesOptions, store: BlobStore, ledger: FileLedger) {
    this.folder = options.folder;
    this.store = store;
    this.ledger = ledger;
    this.limits = Object.freeze({
      maxFileBytes: bytes("maxFileBytes", options.maxFileBytes ?? 25 * MIB, 2 ** 40),
      maxRoomBytes: bytes("maxRoomBytes", options.maxRoomBytes ?? 2_048 * MIB),
      maxIdentityBytes: bytes("maxIdentityBytes", options.maxIdentityBytes ?? 256 * MIB),
      maxTotalBytes: bytes("maxTotalBytes", options.maxTotalBytes ?? 20_480 * MIB),
      maxAnnouncedBytes: Math.max(256 * MIB, options.maxFileBytes ?? 0),
      maxUploadsPerIdentity: 20,
      maxUploadsPerAddress: 200,
      maxCuts: 1_000,
    });
    const orphanAgeMs = options.orphanAgeMs ?? 86_400_000;
    if (!(orphanAgeMs >= 1_000 && orphanAgeMs <= 2_592_000_000)) {
      throw new CodedError("bad-option", "`orphanAgeMs` is a number of ms from 1000 to 2592000000.");
    }
    this.orphanAgeMs = orphanAgeMs;
    this.collects = options.collects ?? true;
  }

  /** @throws {CodedError} `bad-option`, `unavailable`; or the system's error where the folder can't be made. */
  static async open(options: FilesOptions): Promise<Files> {
    await mkdir(options.folder, { recursive: true });
    const store = options.store ?? (await FolderBlobStore.open(options.folder));
    const ledger = await FileLedger.open(ledgerFile(options.folder));
    try {
      return new Files(options, store, ledger);
    } catch (error) {
      await ledger.close();
      throw error;
    }
  }

  /** Deletes all files of a room: for who deletes the room where no server runs. */
  async deleteRoom(room: string): Promise<void> {
    await new FileDesk(this.store, this.ledger, this.limits, systemClock).dropRoom(room);
  }

  close(): Promise<void> {
    return this.ledger.close();
  }
}

export function ledgerFile(folder: string): string {
  return join(folder, "ledger.db");
}

function bytes(name: string, value: number, max = Infinity): number {
  if ((Number.isSafeInteger(value) || value === Infinity) && value >= 1 && value <= max) return value;
  throw new CodedError("bad-option", `\`${name}\` is a number of bytes from 1; it was ${String(value)}.`);
}
