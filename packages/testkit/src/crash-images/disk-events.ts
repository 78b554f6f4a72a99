import { basename, dirname } from "node:path";
import type { SystemCall } from "../strace-lines.ts";

/** What a run did to the files of one folder, in the order in which it could reach the disk. */
export type DiskEvent =
  | { readonly kind: "create"; readonly at: number; readonly file: string }
  | { readonly kind: "remove"; readonly at: number; readonly file: string }
  | {
      readonly kind: "write";
      readonly at: number;
      /** When the call came back; only a sync that begins afterwards vouches for it. */
      readonly doneAt: number;
      readonly file: string;
      readonly offset: number;
      readonly bytes: Buffer;
    }
  | {
      readonly kind: "truncate";
      readonly at: number;
      readonly doneAt: number;
      readonly file: string;
      readonly length: number;
    }
  /** From `at` on everything that was done to the file before `beganAt` is on the disk. */
  | { readonly kind: "sync"; readonly at: number; readonly beganAt: number; readonly file: string }
  /** The same for the names in the folder. */
  | { readonly kind: "sync-names"; readonly at: number; readonly beganAt: number }
  /** The process told the world something. */
  | { readonly kind: "told"; readonly at: number; readonly text: string };

export interface DiskEventOptions {
  /** The one folder whose files matter. */
  readonly folder: string;
  /** Files in it whose content need not survive a power cut, such as SQLite's shared memory. */
  readonly isIgnored: (name: string) => boolean;
}

/** The calls that `diskEvents` needs to see, for `strace -f -y -s 1000000 -e trace=…`. */
export const TRACED_CALLS =
  "openat,open,write,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2";

/**
 * Reads a trace as what it did to the disk. What went to the first descriptor is `told`.
 *
 * @throws {Error} where the run did something to the folder that is not modelled here, such as renaming
 *   a file: images built without it would be wrong.
 */
export function diskEvents(calls: readonly SystemCall[], options: DiskEventOptions): DiskEvent[] {
  const { folder, isIgnored } = options;
  const known = new Set<string>();
  const events: DiskEvent[] = [];
  const nameIn = (path: string): string | null =>
    dirname(path) === folder && !isIgnored(basename(path)) ? basename(path) : null;
  for (const call of calls) {
    const { name, path, enteredAt: at, returnedAt, result } = call;
    if (result === null || result < 0) continue;
    const file = nameIn(path);
    if (name.startsWith("open")) {
      const opened = nameIn(call.data);
      if (opened === null || known.has(opened)) continue;
      known.add(opened);
      events.push({ kind: "create", at, file: opened });
    } else if (name.startsWith("unlink")) {
      const removed = nameIn(call.data);
      if (removed === null) continue;
      known.delete(removed);
      events.push({ kind: "remove", at, file: removed });
    } else if (name.startsWith("rename")) {
      if (call.data.includes(folder)) throw new Error(`a file was renamed: ${call.data}`);
    } else if (name === "fsync" || name === "fdatasync") {
      if (path === folder) events.push({ kind: "sync-names", at: returnedAt, beganAt: at });
      if (file !== null) events.push({ kind: "sync", at: returnedAt, beganAt: at, file });
    } else if (name === "ftruncate" && file !== null) {
      events.push({ kind: "truncate", at, doneAt: returnedAt, file, length: call.numbers.at(-1) ?? 0 });
    } else if (name === "pwrite64" && file !== null) {
      const bytes = Buffer.from(call.data, "latin1");
      const [length, offset] = call.numbers.slice(-2);
      if (length !== bytes.length || offset === undefined)
        throw new Error(`a write of ${length} bytes is in the trace with ${bytes.length} of them`);
      events.push({ kind: "write", at, doneAt: returnedAt, file, offset, bytes: bytes.subarray(0, result) });
    } else if (name === "write") {
      if (file !== null) throw new Error(`${file} was written to without an offset`);
      events.push({ kind: "told", at, text: call.data });
    }
  }
  return events.sort((a, b) => a.at - b.at);
}
