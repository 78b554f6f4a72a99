import type { FileLink } from "./ledger-records.ts";

/** A file of a room as it goes from one ledger to another, but for its bytes. */
export interface CopiedFile extends FileLink {
  readonly room: string;
  /** Who uploaded it first. */
  readonly identity: string;
  /** Messages that hold it, ascending. */
  readonly uses: readonly { readonly message: number; readonly identity: string }[];
  /** Uploads of it that no message has spent so far. */
  readonly uploads: readonly CopiedUpload[];
}

export interface CopiedUpload {
  readonly id: string;
  readonly identity: string;
  readonly address: string;
  readonly size: number;
  readonly touchedAt: number;
}
