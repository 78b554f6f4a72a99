import type { Violation } from "./history.ts";
import type { SystemCall } from "./strace-lines.ts";

/** One record of the log, and how it can be known in what the process wrote. */
export interface TracedRecord {
  /** Stands in the record itself, in no other one, and in nothing that the server is sent before. */
  readonly marker: string;
  /** Stands in whatever answers for the record or shows it: its ack, a frame that delivers it. */
  readonly answers: readonly string[];
}

export interface TracedOrder {
  readonly violations: Violation[];
  /** Answers that the trace holds; a test that sees too few of them has proved nothing. */
  readonly answersSeen: number;
}

const WRITES = new Set([
  "write",
  "writev",
  "pwrite64",
  "pwritev",
  "pwritev2",
  "sendto",
  "sendmsg",
  "sendmmsg",
]);
const SYNCS = new Set(["fsync", "fdatasync"]);

/**
 * Checks durable-then-told (I6) in the order of system calls: before the first byte of an answer goes to
 * a socket, the record was written to a file of the log, and after that write a sync of the same file
 * began and returned without an error.
 *
 * @param isLogFile  Whether a path is one whose sync makes records durable: for SQLite its `-wal`.
 */
export function acksBeforeDurable(
  calls: readonly SystemCall[],
  records: readonly TracedRecord[],
  isLogFile: (path: string) => boolean = (path) => path.endsWith("-wal"),
): TracedOrder {
  const logWrites = calls.filter(
    ({ name, path, result }) => WRITES.has(name) && isLogFile(path) && isDone(result),
  );
  const syncs = calls.filter(({ name, path, result }) => SYNCS.has(name) && isLogFile(path) && result === 0);
  const answers = calls.filter(({ name, path }) => WRITES.has(name) && isSocket(path));
  const violations: Violation[] = [];
  let answersSeen = 0;
  for (const record of records) {
    const written = logWrites.find(({ data }) => data.includes(record.marker));
    const durableAt =
      written === undefined
        ? Infinity
        : Math.min(
            ...syncs
              .filter(({ path, enteredAt }) => path === written.path && enteredAt > written.returnedAt)
              .map(({ returnedAt }) => returnedAt),
          );
    for (const answer of answers.filter(({ data }) => record.answers.some((each) => data.includes(each)))) {
      answersSeen += 1;
      if (answer.enteredAt > durableAt) continue;
      const reason =
        written === undefined
          ? "it was never written to the log"
          : written.enteredAt > answer.enteredAt
            ? "it was written to the log only afterwards"
            : "no sync of the log had returned since it was written";
      const message = `an answer for ${record.marker} left on line ${answer.enteredAt + 1} of the trace, and ${reason}`;
      violations.push({ name: "ack-before-durable", message });
    }
  }
  return { violations, answersSeen };
}

function isDone(result: number | null): boolean {
  return result !== null && result >= 0;
}

function isSocket(path: string): boolean {
  return /^(socket|TCP|TCPv6|UNIX)\b/.test(path);
}
