import { readFileSync } from "node:fs";
import { findProgram } from "./find-program.ts";
import { parseStrace, type SystemCall } from "./strace-lines.ts";

/**
 * Moments in the life of a commit, and of a checkpoint, at which a server with a log in SQLite can be
 * killed. Each is the entry of a system call, which then never happens.
 *   before-write              a commit has begun, and not a byte of it is written
 *   amid-writes               some of a commit's bytes are written, and others are not
 *   after-write-before-sync   a commit is written whole, and not synced
 *   after-sync-before-answer  a commit is durable, and nobody knows yet: not the server's other threads either
 *   during-checkpoint         the write-ahead log is being copied into the file
 *   checkpoint-before-sync    it is copied, and the file is not synced
 */
export type KillPoint =
  | "before-write"
  | "amid-writes"
  | "after-write-before-sync"
  | "after-sync-before-answer"
  | "during-checkpoint"
  | "checkpoint-before-sync";

export interface PlannedKill {
  readonly point: KillPoint;
  /**
   * At which of the calls that the point is sought among, from 1, counted in each thread from its start. Not
   * every one of them is at the point: `killedAt` says where it really was.
   */
  readonly nth: number;
  /** The SQLite file, such as `DATA/parlor.db`. */
  readonly database: string;
  /** File for the trace of one life; overwritten. */
  readonly trace: string;
}

interface Aim {
  /** The calls at whose entry the kill comes. */
  readonly calls: readonly string[];
  /** What stands behind the database's name in those of its files that count. */
  readonly suffixes: readonly string[];
}

const SYNCS = ["fsync", "fdatasync"];
const WRITES = ["pwrite64", "pwritev", "pwritev2", "write"];
/** SQLite takes the writer's lock before a commit's first byte, and gives it back right behind its sync. */
const LOCKS: Aim = { calls: ["fcntl"], suffixes: ["-wal", "-shm"] };

const AIMS: Readonly<Record<KillPoint, Aim>> = {
  "before-write": LOCKS,
  "amid-writes": { calls: WRITES, suffixes: ["-wal"] },
  "after-write-before-sync": { calls: SYNCS, suffixes: ["-wal"] },
  "after-sync-before-answer": LOCKS,
  "during-checkpoint": { calls: WRITES, suffixes: [""] },
  "checkpoint-before-sync": { calls: SYNCS, suffixes: [""] },
};

export const KILL_POINTS = Object.keys(AIMS) as readonly KillPoint[];

/**
 * A server's command through strace, so that it dies as planned; for `ProcessKiller.command`. The server stays
 * the process that is started: it ends by SIGKILL, or lives on where it never comes to that call.
 */
export function killAt(
  { point, nth, database, trace }: PlannedKill,
  command: readonly [program: string, ...args: string[]],
): readonly [program: string, ...args: string[]] {
  const { calls, suffixes } = AIMS[point];
  return [
    findProgram("strace"),
    // Not --seccomp-bpf, which would let all other calls pass untouched: where a call is stopped by it no signal comes.
    ...["-D", "-f", "-y", "-s", "0", "-o", trace],
    ...["-e", `trace=${[...WRITES, ...SYNCS, "fcntl"].join()}`],
    ...suffixes.flatMap((suffix) => ["-P", database + suffix]),
    ...["-e", `inject=${calls.join()}:signal=SIGKILL:when=${nth}`],
    ...command,
  ];
}

/**
 * Where a planned kill met the server, read from its trace, once it is gone. Null where it met none of the
 * points: while the server was opening its files, in a thread that only reads, or not at all.
 */
export function killedAt({ point, nth, database, trace }: PlannedKill): KillPoint | null {
  const { calls } = AIMS[point];
  const threads = new Map<string, Thread>();
  for (const call of parseStrace(readFileSync(trace, "latin1"))) {
    const thread = threads.get(call.thread) ?? new Thread(database);
    threads.set(call.thread, thread);
    // The kill comes with the entry: a call that returned was another thread's.
    if (calls.includes(call.name) && thread.countOf(call) === nth && call.result === null) {
      return thread.pointAt(call);
    }
    thread.take(call);
  }
  return null;
}

/** What one thread did to the log's files so far. */
class Thread {
  readonly #database: string;
  readonly #counts = new Map<string, number>();
  #hasWrittenAhead = false;
  #last: SystemCall | null = null;
  /** How many calls the last sync of the write-ahead log lies back. */
  #sinceSync = Infinity;

  constructor(database: string) {
    this.#database = database;
  }

  /** The how manieth of its kind this one is. */
  countOf({ name }: SystemCall): number {
    return (this.#counts.get(name) ?? 0) + 1;
  }

  take(call: SystemCall): void {
    this.#counts.set(call.name, this.countOf(call));
    const isAhead = call.path === `${this.#database}-wal`;
    if (isAhead && WRITES.includes(call.name)) this.#hasWrittenAhead = true;
    this.#sinceSync = isAhead && SYNCS.includes(call.name) && call.result === 0 ? 0 : this.#sinceSync + 1;
    this.#last = call;
  }

  pointAt({ name, path }: SystemCall): KillPoint | null {
    const isSync = SYNCS.includes(name);
    if (path === this.#database) return isSync ? "checkpoint-before-sync" : "during-checkpoint";
    const isMidCommit = this.#last !== null && WRITES.includes(this.#last.name);
    if (isSync) return isMidCommit ? "after-write-before-sync" : null;
    if (WRITES.includes(name)) return isMidCommit ? "amid-writes" : "before-write";
    // Two locks are given back behind a sync, the writer's and then the reader's; all others begin something.
    if (this.#sinceSync <= 1) return "after-sync-before-answer";
    return this.#hasWrittenAhead ? "before-write" : null;
  }
}
