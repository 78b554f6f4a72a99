import { ERASED, type IndexRow, NO_RE } from "./record-index.ts";
import type { CopiedMark, RoomRecord } from "./record.ts";

/** What was copied of a room that is not whole yet, as plain data. */
export interface PendingCopy {
  readonly source: string;
  /** The offset of its last message; before the first, the one before that. */
  readonly head: number;
  readonly rows: IndexRow[];
  readonly producers: CopiedMark[];
}

/** Whether a record is the next part of the copy of a room. */
export function continues(pending: PendingCopy | null, { copy, base }: RoomRecord): boolean {
  if (copy === undefined) return false;
  return copy.isFirst === true || (pending?.source === copy.source && pending.head === base);
}

/** The copy with one more part, which must be its next. */
export function withPart(pending: PendingCopy | null, seq: number, record: RoomRecord): PendingCopy {
  const { copy, base, messages, at } = record;
  const isFirst = pending === null || copy?.isFirst === true;
  const [rows, producers] = isFirst ? [[], []] : [pending.rows, pending.producers];
  if (messages.length > 0) {
    const bytes = messages.map(({ bodyJson }) => (bodyJson === null ? ERASED : Buffer.byteLength(bodyJson)));
    const hasRe = messages.some(({ re }) => re !== undefined);
    const res = hasRe ? messages.map(({ re }) => re ?? NO_RE) : null;
    rows.push([seq, base, record.ats?.at(-1) ?? at, bytes, res]);
  }
  for (const mark of copy?.producers ?? []) producers.push(mark);
  return { source: copy?.source ?? "", head: base + messages.length, rows, producers };
}
