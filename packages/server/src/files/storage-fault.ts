import { CodedError } from "@parlor/base";

/** What the system says where there is no room: for bytes, for files, for this user. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** A fault of the disk in words, as `unavailable`; what is coded already, or no fault of the system, stays as it is. */
export function storageFault(error: unknown): unknown {
  if (error instanceof CodedError) return error;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  // SQLite's own number for a full disk.
  if ((typeof code === "string" && FULL.has(code)) || errcode === 13) {
    return new CodedError("unavailable", "The disk for files is full; nothing of it was stored.", {
      cause: error,
    });
  }
  if (typeof code === "string" && /^(E[A-Z]+|ERR_SQLITE_ERROR)$/.test(code)) {
    return new CodedError("unavailable", "The disk for files can't be used now; try again.", {
      cause: error,
    });
  }
  return error;
}
