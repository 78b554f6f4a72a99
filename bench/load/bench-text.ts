/**
 * What the messages of a run say: who published it, the how manieth it is of theirs, and when it was due,
 * filled up to its size.
 *
 *     ~3 1207 48211.250 ................
 */

/** The first character of each message. It stands nowhere else on the wire, so counting it counts messages. */
export const MARK = 0x7e;

export interface BenchText {
  readonly publisher: number;
  /** 1, 2, 3 … per publisher. */
  readonly count: number;
  /** When it was due to be published, in ms of the load generator's monotonic clock. */
  readonly dueMs: number;
}

/** @param bytes of the whole text, all of it ASCII */
export function writeBenchText({ publisher, count, dueMs }: BenchText, bytes: number): string {
  return `~${publisher} ${count} ${dueMs.toFixed(3)} `.padEnd(bytes, ".");
}

/** Null for a text that is none of ours. */
export function readBenchText(text: string): BenchText | null {
  const [publisher = "", count, dueMs, filling] = text.split(" ");
  if (!publisher.startsWith("~") || filling === undefined) return null;
  return { publisher: Number(publisher.slice(1)), count: Number(count), dueMs: Number(dueMs) };
}
