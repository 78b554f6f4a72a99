import { type Clock, CodedError, randomId } from "@parlor/base";
import type { BlobStore } from "@parlor/log";
import type { Ledger, LedgerCalls } from "./ledger.ts";
import { passEnd, passHolder, signPass } from "./file-pass.ts";
import { IncomingBytes } from "./incoming-bytes.ts";
import { HEAD_BYTES, inspectFile } from "./inspect-file.ts";
import type { FileLimits, FileLink, Upload, UploadedFile } from "./ledger-records.ts";

/** Bytes that become a part at a time: no more of an upload is lost when a server is killed. */
const PART_BYTES = 4_194_304;
/** As little as a client brings at a time where its line is slow. */
const SMALL_BYTES = 65_536;
/** Room on the disk that files leave to the log. */
const SPARED_BYTES = 268_435_456;
/** A blob that is just being deleted is asked for again after so long, and so often. */
const DOOMED_MS = 50;
const DOOMED_TRIES = 100;

const MIB = 1_048_576;

/** Where an upload stands after an answer. */
export type Progress =
  /** With who began it. */
  | { readonly kind: "at"; readonly received: number; readonly size: number; readonly identity: string }
  | { readonly kind: "done"; readonly file: FileLink }
  /** Somebody else brought it further, or this request spoke of a place where it is not. */
  | { readonly kind: "elsewhere"; readonly received: number; readonly size: number }
  | { readonly kind: "none" };

export interface BeginUpload {
  readonly room: string;
  readonly identity: string;
  /** The group of addresses that it comes from. */
  readonly address: string;
  readonly size: number;
}

/**
 * Takes files: from where an upload begins, over as many requests as it needs, to a file of its room.
 *
 * It holds nothing between two requests: what came is parts in the store, and the ledger says how far that is.
 * A part is added where the upload stands at its offset, in one transaction, so of several requests that bring the
 * same bytes one counts; the others are told how far it is. So any process may answer any of them.
 *
 * Rules: docs/protocol.md, FILE-.
 */
export class FileDesk {
  readonly #store: BlobStore;
  readonly #ledger: LedgerCalls;
  readonly #limits: FileLimits;
  readonly #clock: Clock;
  /** Known once it was asked for. */
  #secret: string | null = null;

  constructor(store: BlobStore, ledger: Ledger, limits: FileLimits, clock: Clock) {
    this.#store = store;
    this.#ledger = ledger.calls;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Its id, which whoever has may go on with it. @throws {CodedError} `too-large`, `rate-limited`, `unavailable` */
  async begin({ room, identity, address, size }: BeginUpload): Promise<string> {
    const { maxFileBytes, maxRoomBytes, maxIdentityBytes, maxWaitingBytes } = this.#limits;
    if (size > maxFileBytes) {
      throw new CodedError(
        "too-large",
        `The file has ${size} bytes; at most ${inMiB(maxFileBytes)} are taken.`,
      );
    }
    if ((await this.#store.freeBytes()) - size < SPARED_BYTES) {
      throw new CodedError("unavailable", "The disk for files is full; nothing of it was stored.");
    }
    const id = randomId(22);
    const begun = { id, room, identity, address, size, atMs: this.#clock.now() };
    switch (await this.#ledger.begin(begun, this.#limits)) {
      case "begun":
        return id;
      case "room":
        throw new CodedError(
          "too-large",
          `The room's files would be over ${inMiB(maxRoomBytes)}; delete messages with files first.`,
        );
      case "identity":
        throw new CodedError(
          "too-large",
          `Your files here would be over ${inMiB(maxIdentityBytes)}; delete messages with files first.`,
        );
      case "address":
        throw new CodedError(
          "too-large",
          `What was uploaded from your network and is in no message so far would be over ${inMiB(maxWaitingBytes)}; send the messages first, or give the uploads up.`,
        );
      case "all":
        throw new CodedError("unavailable", "All files here would be more than this server takes.");
      case "uploads":
        throw new CodedError("rate-limited", "Too many uploads are under way; let one of them end first.", {
          retryAfterMs: 1_000,
        });
    }
  }

  async progress(id: string, room: string): Promise<Progress> {
    const upload = await this.#ledger.find(id, room);
    return upload === null ? { kind: "none" } : progressOf(upload);
  }

  /**
   * Adds what comes from `at` on; fulfils when all that came is on the disk, and at the end when the file is.
   * @param head  The room's head, asked for where the file is there.
   * @throws {CodedError} `too-large`: more than was announced, in too many pieces, or an image of too many pixels; `unavailable`
   */
  async add(
    id: string,
    room: string,
    at: number,
    chunks: AsyncIterable<Uint8Array>,
    head: () => Promise<number>,
  ): Promise<Progress> {
    const upload = await this.#ledger.find(id, room);
    if (upload === null) return { kind: "none" };
    if (upload.file !== null) return { kind: "done", file: upload.file };
    const { received: standsAt, size } = upload;
    if (at !== standsAt) return { kind: "elsewhere", received: standsAt, size };
    const { maxCuts } = this.#limits;
    if (upload.parts.length > Math.ceil(size / SMALL_BYTES) + maxCuts) {
      await this.cancel(id, room);
      throw new CodedError(
        "too-large",
        `The upload came in too many pieces, more than ${maxCuts} of them short; begin it anew.`,
      );
    }
    const bytes = new IncomingBytes(chunks);
    for (let received = at; received < upload.size; ) {
      if (await bytes.hasEnded())
        return { kind: "at", received, size: upload.size, identity: upload.identity };
      const most = Math.min(PART_BYTES, upload.size - received);
      const put = await this.#store.putPart(bytes.take(most), most);
      if (!(await this.#ledger.take(id, received, put.part, put.bytes, this.#clock.now()))) {
        await this.#store.dropParts([put.part]);
        const now = await this.progress(id, room);
        return now.kind === "at" ? { ...now, kind: "elsewhere" } : now;
      }
      received += put.bytes;
    }
    if (!(await bytes.hasEnded()))
      throw new CodedError("too-large", `More than the ${upload.size} bytes announced came.`);
    return this.#finish(id, room, head);
  }

  /** Gives an upload up; what came of it is deleted. Where it is a file already that no message holds, that too. */
  async cancel(id: string, room: string): Promise<boolean> {
    if ((await this.#ledger.find(id, room)) === null) return false;
    const { parts, doomed } = await this.#ledger.cancel(id, this.#clock.now());
    await this.#store.dropParts(parts);
    await this.deleteDoomed(doomed);
    return true;
  }

  /** A file as a room has it; null where it has none of that hash. */
  file(room: string, hash: string): Promise<FileLink | null> {
    return this.#ledger.link(room, hash);
  }

  /** A pass to a room's files for an identity, and until when it holds; not beyond `notAfter`. */
  async pass(
    room: string,
    identity: string,
    notAfter: number | null,
  ): Promise<{ readonly pass: string; readonly until: number }> {
    const until = Math.min(passEnd(this.#clock.now()), notAfter ?? Infinity);
    return { pass: signPass({ room, identity, until }, await this.#passSecret()), until };
  }

  /** The identity that a pass to a room's files stands for; null where it counts for nothing. */
  async holder(pass: string, room: string): Promise<string | null> {
    return passHolder(pass, room, await this.#passSecret(), this.#clock.now());
  }

  read(hash: string, start: number, end: number): AsyncIterable<Uint8Array> {
    return this.#store.read(hash, start, end);
  }

  /** Says that a stored message holds files. Fulfils when that is on the disk. */
  use(room: string, message: number, identity: string, hashes: readonly string[]): Promise<void> {
    return this.#ledger.use(room, message, identity, hashes);
  }

  /**
   * Deletes the files of a message that is about to be erased; with `identity` only where it wrote the message.
   * Those that another message, or a room, holds too stay for that.
   */
  async release(room: string, message: number, identity?: string): Promise<void> {
    await this.deleteDoomed(await this.#ledger.release(room, message, this.#clock.now(), identity));
  }

  /** Deletes all files of a room, and what is being uploaded to it. */
  async dropRoom(room: string): Promise<void> {
    const { parts, doomed } = await this.#ledger.dropRoom(room, this.#clock.now());
    await this.#store.dropParts(parts);
    await this.deleteDoomed(doomed);
  }

  /** Deletes blobs that the ledger gave up; until that is done nobody makes them again. */
  async deleteDoomed(hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) {
      await this.#store.delete(hash);
      await this.#ledger.undoom(hash);
    }
  }

  async #passSecret(): Promise<string> {
    return (this.#secret ??= await this.#ledger.passSecret());
  }

  async #finish(id: string, room: string, head: () => Promise<number>): Promise<Progress> {
    for (let tries = 0; tries < DOOMED_TRIES; tries++) {
      const upload = await this.#ledger.find(id, room);
      if (upload === null || upload.file !== null)
        return upload === null ? { kind: "none" } : progressOf(upload);
      const file = await this.#assemble(upload.parts, id, room);
      // Another request of the same upload was sooner.
      if (file === null) continue;
      const outcome = await this.#ledger.finish(id, file, await head(), this.#clock.now());
      if (outcome.kind === "gone") return { kind: "none" };
      if (outcome.kind === "doomed") {
        await new Promise<void>((resolve) => this.#clock.after(DOOMED_MS, resolve));
        continue;
      }
      // It may have been deleted between its making and its link; from now on nobody deletes it.
      if ((await this.#store.size(file.hash)) === null) await this.#store.assemble(outcome.parts);
      await this.#store.dropParts(outcome.parts);
      return this.progress(id, room);
    }
    throw new CodedError("unavailable", "The same file is just being deleted; send it again.");
  }

  /** Null where its parts are gone. @throws {CodedError} `too-large`, and forgets the upload */
  async #assemble(parts: readonly string[], id: string, room: string): Promise<UploadedFile | null> {
    try {
      const { hash, size } = await this.#store.assemble(parts);
      const kind = inspectFile(await this.#head(hash, size));
      if (typeof kind !== "string") return { hash, size, ...kind };
      await this.cancel(id, room);
      if (await this.#ledger.doomUnknown(hash, this.#clock.now())) await this.deleteDoomed([hash]);
      throw new CodedError("too-large", kind);
    } catch (error) {
      if (error instanceof CodedError && (error.code === "no-part" || error.code === "no-blob")) return null;
      throw error;
    }
  }

  async #head(hash: string, size: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#store.read(hash, 0, Math.min(size, HEAD_BYTES))) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}

function progressOf({ file, received, size, identity }: Upload): Progress {
  return file === null ? { kind: "at", received, size, identity } : { kind: "done", file };
}

function inMiB(bytes: number): string {
  return bytes < MIB ? `${bytes} bytes` : `${Number((bytes / MIB).toFixed(1))} MiB`;
}
