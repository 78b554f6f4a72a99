import { CodedError } from "@parlor/base";

/** What went wrong with the storage, in a form that crosses threads. */
export interface StorageFault {
  /**
   *   busy      this one call could not be served; the next one may be
   *   full      no room; nothing was stored
   *   damaged   a record is not what was stored
   *   failed    what the disk holds can't be vouched for any more
   *   refused   the file can't be opened as it is; `code` says why
   */
  readonly kind: "busy" | "full" | "damaged" | "failed" | "refused";
  readonly message: string;
  readonly code?: LogOpenCode | undefined;
}

/** A record whose checksum, or whose place, is not what it must be. */
export class DamagedRecord extends Error {
  constructor(room: string, offset: number, what: string) {
    super(`message ${offset} of room ${JSON.stringify(room)} is damaged on disk (${what}); it is not served`);
    this.name = "DamagedRecord";
  }
}

/** The file or its folder can't be used, for a reason that an operator must hear. */
export class OpenRefused extends CodedError<LogOpenCode> {}

/**
 *   log-in-use     another process has the folder
 *   log-not-ours   the file is not a log of Parlor
 *   log-too-new    a later version of Parlor wrote the file
 *   log-unfinished a copy of another log into it has not ended
 *   log-unsafe     this SQLite does not do what durability needs
 */
export type LogOpenCode = "log-in-use" | "log-not-ours" | "log-too-new" | "log-unfinished" | "log-unsafe";

const PRIMARY_BUSY = 5;
const PRIMARY_LOCKED = 6;
const PRIMARY_NOMEM = 7;
const PRIMARY_IOERR = 10;
const PRIMARY_FULL = 13;
/** A value that the file does not take (too big, wrong type): the caller's fault, not the disk's. */
const PRIMARY_VALUES = new Set([18, 19, 20, 25]);
/** The shared index file could not be grown: it is how a full disk shows first on some filesystems. */
const IOERR_SHMSIZE = 4_874;

/** Sorts an error of SQLite, or any other, by what the log may still do after it. */
export function faultOf(error: unknown): StorageFault {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DamagedRecord) return { kind: "damaged", message };
  if (error instanceof OpenRefused) return { kind: "refused", message, code: error.code };
  const errcode = errcodeOf(error);
  const primary = errcode & 0xff;
  if (primary === PRIMARY_FULL || errcode === IOERR_SHMSIZE) {
    return { kind: "full", message: "the disk is full: nothing can be stored until there is room again" };
  }
  if (primary === PRIMARY_BUSY || primary === PRIMARY_LOCKED) {
    return { kind: "busy", message: "another program holds the log's file locked; try again" };
  }
  if (primary === PRIMARY_NOMEM)
    return { kind: "busy", message: "there is no memory left for SQLite; try again" };
  if (PRIMARY_VALUES.has(primary))
    return { kind: "busy", message: `the file does not take this (${message})` };
  const what = primary === PRIMARY_IOERR ? "the disk failed" : "the log's file failed";
  return { kind: "failed", message: `${what} (${message}, SQLite code ${errcode})` };
}

function errcodeOf(error: unknown): number {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return 1;
  return typeof error.errcode === "number" ? error.errcode : 1;
}
