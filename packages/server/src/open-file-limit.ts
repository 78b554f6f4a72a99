import { readFileSync } from "node:fs";

/** Taken where the system does not tell: the soft limit that most systems start a process with. */
const FALLBACK_OPEN_FILES = 1024;

/** Descriptors kept free for the log, its worker, listeners, modules and whatever the host opens. */
const RESERVED_FILES = 128;

/** Connections where the system sets no limit: more than one process of Node can serve. */
const MAX_CONNECTIONS = 1_000_000;

/**
 * How many files this process may have open. Node raises its soft limit to the hard one at start, so
 * `ulimit -n` of the shell says less than the kernel does.
 */
export function openFileLimit(path = "/proc/self/limits"): number {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // No such file outside Linux.
    return FALLBACK_OPEN_FILES;
  }
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(text)?.[1];
  if (soft === undefined) return FALLBACK_OPEN_FILES;
  return soft === "unlimited" ? Infinity : Number(soft);
}

/**
 * Connections to accept under a limit of open files, with headroom: a process at its limit accepts
 * and never answers, and even reading its own memory use throws.
 */
export function connectionsBelow(openFiles: number): number {
  if (openFiles >= MAX_CONNECTIONS) return MAX_CONNECTIONS;
  const headroom = Math.max(RESERVED_FILES, Math.ceil(openFiles * 0.01));
  return Math.max(1, openFiles - headroom);
}
