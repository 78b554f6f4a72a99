import { join } from "node:path";
import { CodedError, systemClock } from "@parlor/base";
import { type BlobStore, makeFolder, type RoomLog } from "@parlor/log";
import { FileDesk } from "./file-desk.ts";
import { FileLedger } from "./file-ledger.ts";
import { FolderBlobStore } from "./folder-blob-store.ts";
import type { Ledger } from "./ledger.ts";
import type { FileLimits } from "./ledger-records.ts";
import { LogLedger } from "./log-ledger.ts";

const MIB = 1_048_576;

export interface FilesOptions {
  /** Where what has no other place is: ledger, files, and the copies of a ledger in the log; made if missing. */
  readonly folder: string;

  /** Where the bytes are. @default a `FolderBlobStore` in `folder` */
  readonly store?: BlobStore | undefined;

  /**
   * A log in which the ledger is kept, for servers that share that and `store`, but no folder: they count as one.
   * No other server may use the same `folder` then. @default none: the ledger is a file in `folder`
   */
  readonly ledgerLog?: RoomLog | undefined;

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
   * Bytes that one address has uploaded, or announced, and that no message holds so far; without it a stranger with
   * many identities could fill a room for `orphanAgeMs` without a word. Above it: `too-large`. An address is what
   * `addressGroup` makes of one: behind a proxy that is not trusted, everybody's.
   * @default 536_870_912 (512 MiB), or `maxFileBytes` where that is more. `Infinity` turns it off.
   */
  readonly maxWaitingBytes?: number | undefined;

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
   * Whether this process looks for what nobody holds any more and deletes it: one of those that share the files.
   * A function is asked each time.
   * @default true
   */
  readonly collects?: boolean | (() => boolean) | undefined;
}

/** The files of a server's rooms: give it to `Parlor` as `files`. Whoever opened it closes it. */
export class Files {
  readonly folder: string;
  readonly store: BlobStore;
  readonly ledger: Ledger;
  readonly limits: FileLimits;
  readonly orphanAgeMs: number;

  readonly #collects: () => boolean;

  private constructor(options: FilesOptions, store: BlobStore, ledger: Ledger) {
    this.folder = options.folder;
    this.store = store;
    this.ledger = ledger;
    this.limits = Object.freeze({
      maxFileBytes: bytes("maxFileBytes", options.maxFileBytes ?? 25 * MIB, 2 ** 40),
      maxRoomBytes: bytes("maxRoomBytes", options.maxRoomBytes ?? 2_048 * MIB),
      maxIdentityBytes: bytes("maxIdentityBytes", options.maxIdentityBytes ?? 256 * MIB),
      maxWaitingBytes: bytes(
        "maxWaitingBytes",
        options.maxWaitingBytes ?? Math.max(512 * MIB, options.maxFileBytes ?? 0),
      ),
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
    const collects = options.collects ?? true;
    this.#collects = typeof collects === "boolean" ? () => collects : collects;
  }

  get collects(): boolean {
    return this.#collects();
  }

  /** @throws {CodedError} `bad-option`; `unavailable`, also where the folder can't be made. */
  static async open(options: FilesOptions): Promise<Files> {
    makeFolder(options.folder);
    const store = options.store ?? (await FolderBlobStore.open(options.folder));
    const { ledgerLog: log } = options;
    const ledger =
      log === undefined
        ? await FileLedger.open(ledgerFile(options.folder))
        : await LogLedger.open({ log, store, folder: join(options.folder, "ledger-of-log") });
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
