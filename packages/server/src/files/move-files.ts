import { CodedError } from "@parlor/base";
import type { Blob } from "@parlor/log";
import type { CopiedFile } from "./copied-file.ts";
import type { FilesEnd } from "./files-end.ts";
import type { FileUse } from "./ledger-records.ts";

/** How far it is, in bytes of all files. */
export type MoveFilesProgress = (done: number, total: number) => void;

/** What the rooms of a log have. */
export interface FoundFiles {
  /** Each once, however many rooms have it. */
  readonly blobs: readonly Blob[];
  readonly bytes: number;
}

const AT_ONCE = 200;
/** Of one file, in one record of a ledger. */
const USES_AT_ONCE = 2_000;

export async function findFiles(source: FilesEnd): Promise<FoundFiles> {
  const sizes = new Map<string, number>();
  for await (const { hash, size } of allFiles(source)) sizes.set(hash, size);
  const blobs = [...sizes].map(([hash, size]) => ({ hash, size }));
  return { blobs, bytes: blobs.reduce((sum, { size }) => sum + size, 0) };
}

/**
 * Which of them the target has not. Nothing is changed.
 *
 * @throws {CodedError} `too-large`: a file is too large for the target; `full`: they do not fit.
 */
export async function missingFiles(target: FilesEnd, { blobs }: FoundFiles): Promise<FoundFiles> {
  const missing: Blob[] = [];
  for (const blob of blobs) if ((await target.store.size(blob.hash)) !== blob.size) missing.push(blob);
  const bytes = missing.reduce((sum, { size }) => sum + size, 0);
  requireRoom(missing, target.words, target.maxFileBytes, await target.store.freeBytes(), bytes);
  return { blobs: missing, bytes };
}

/**
 * Copies the bytes of files, each under its hash or not at all; so what broke off goes on with the file at which it
 * stood. Files that are lost in the source, too, are passed over.
 *
 * @returns Hashes of those.
 * @throws {CodedError} `damaged`: a file is not what its hash says.
 */
export async function moveFileBytes(
  source: FilesEnd,
  target: FilesEnd,
  missing: FoundFiles,
  progress: MoveFilesProgress,
): Promise<readonly string[]> {
  const lost: string[] = [];
  let done = 0;
  for (const { hash, size } of missing.blobs) {
    if (!(await copyBlob(source, target, hash, size))) lost.push(hash);
    progress((done += size), missing.bytes);
  }
  return lost;
}

/**
 * Copies what the ledger says of files whose bytes are there: which room has which, and which messages hold them. What
 * the target has beside that stays, but for files whose messages are gone.
 *
 * @param isHeld  Whether the target has a message that still holds that file.
 */
export async function moveLedger(
  source: FilesEnd,
  target: FilesEnd,
  isHeld: (use: FileUse) => Promise<boolean>,
  now: () => number,
): Promise<void> {
  const { calls } = target.ledger;
  let page: CopiedFile[] = [];
  let uses = 0;
  const adopt = async (): Promise<void> => {
    if (page.length > 0) await calls.adopt(page);
    [page, uses] = [[], 0];
  };
  for await (const file of allFiles(source)) {
    if (await isKnown(target, file)) continue;
    for (let i = 0; i === 0 || i < file.uses.length; i += USES_AT_ONCE) {
      const some = { ...file, uses: file.uses.slice(i, i + USES_AT_ONCE) };
      page.push(some);
      uses += some.uses.length;
      if (page.length >= AT_ONCE || uses >= USES_AT_ONCE) await adopt();
    }
  }
  await adopt();
  const secret = await source.ledger.calls.knownSecret();
  if (secret !== null) await calls.passSecret(secret);
  await forgetGone(source, target, isHeld, now);
}

/** Whether the target's ledger says the same of a file, or more. */
export async function isKnown(target: FilesEnd, file: CopiedFile): Promise<boolean> {
  const known = await target.ledger.calls.copiedFile(file.room, file.hash);
  if (known === null || lineOf(known) !== lineOf(file)) return false;
  const messages = new Set(known.uses.map(({ message }) => message));
  const uploads = new Set(known.uploads.map(({ id }) => id));
  // What messages have spent since is to go.
  const isSpent = file.uses.length > 0 && uploads.size > file.uploads.length;
  const hasAll =
    file.uses.every(({ message }) => messages.has(message)) &&
    file.uploads.every(({ id }) => uploads.has(id));
  return hasAll && !isSpent;
}

export async function* allFiles({ ledger }: FilesEnd): AsyncGenerator<CopiedFile> {
  for (let last: CopiedFile | null = null; ; ) {
    const page: readonly CopiedFile[] = await ledger.calls.filesAfter(
      last === null ? null : { room: last.room, hash: last.hash },
      AT_ONCE,
    );
    yield* page;
    last = page.at(-1) ?? null;
    if (last === null) return;
  }
}

function requireRoom(
  left: readonly Blob[],
  where: string,
  maxFileBytes: number,
  freeBytes: number,
  leftBytes: number,
): void {
  const large = left.find(({ size }) => size > maxFileBytes);
  if (large !== undefined) {
    throw new CodedError(
      "too-large",
      `the file ${large.hash} has ${large.size} bytes, and one in ${where} has at most ${maxFileBytes}`,
    );
  }
  if (leftBytes <= freeBytes) return;
  throw new CodedError("full", `the files need ${leftBytes} bytes, and ${freeBytes} are free for ${where}`);
}

/** False where the source has no such blob. */
async function copyBlob(source: FilesEnd, target: FilesEnd, hash: string, size: number): Promise<boolean> {
  let part: string;
  try {
    ({ part } = await target.store.putPart(source.store.read(hash, 0, size), Infinity));
  } catch (error) {
    if (error instanceof CodedError && error.code === "no-blob") return false;
    throw error;
  }
  const copied = await target.store.assemble([part]);
  await target.store.dropParts([part]);
  if (copied.hash === hash) return true;
  throw new CodedError(
    "damaged",
    `the file ${hash} in ${source.words} is not what it was; delete the message with it, or put its bytes back, and say it again`,
  );
}

/** A message that was erased or deleted in the source since an earlier copy takes its files with it. */
async function forgetGone(
  source: FilesEnd,
  target: FilesEnd,
  isHeld: (use: FileUse) => Promise<boolean>,
  now: () => number,
): Promise<void> {
  const { calls } = target.ledger;
  let file: CopiedFile | null = null;
  for (let last: FileUse | null = null; ; ) {
    const page: readonly FileUse[] = await calls.usesAfter(last, AT_ONCE);
    for (const use of page) {
      if (file?.room !== use.room || file.hash !== use.hash)
        file = await source.ledger.calls.copiedFile(use.room, use.hash);
      if (file?.uses.some(({ message }) => message === use.message) === true || (await isHeld(use))) continue;
      for (const hash of await calls.forget(use, now())) {
        await target.store.delete(hash);
        await calls.undoom(hash);
      }
    }
    last = page.at(-1) ?? null;
    if (last === null) return;
  }
}

function lineOf({ room, hash, size, type, width, height }: CopiedFile): string {
  return JSON.stringify([room, hash, size, type, width, height]);
}
