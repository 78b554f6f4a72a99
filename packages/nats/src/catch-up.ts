import { unavailable } from "@parlor/log";
import { ReadAhead } from "./read-ahead.ts";
import { decodeRecord, type RoomRecord } from "./record.ts";
import type { RecordSource } from "./record-source.ts";

/** A record and where it is. */
export interface PlacedRecord {
  readonly seq: number;
  readonly record: RoomRecord;
}

/** What reads on: a fold, and whoever is told of it. */
export interface RecordReader {
  readonly seenSeq: number;
  readonly lastSeq: number;
  readonly lastId: string;
  take(seq: number, record: RoomRecord | null, isWhole: boolean): "taken" | "hole";
  /** Takes a record that follows the last, whatever was seen in its place. */
  mend(placed: PlacedRecord): void;
}

/** What came of reading on. */
export type CaughtUp =
  | { readonly kind: "caught-up" }
  /** Records in between are gone, so that only a snapshot leads on. */
  | { readonly kind: "purged" }
  /** The reader took what one copy of the stream has and most have not; these are theirs, the first to come first. */
  | { readonly kind: "misled"; readonly by: readonly PlacedRecord[] };

const CAUGHT_UP: CaughtUp = { kind: "caught-up" };
const PURGED: CaughtUp = { kind: "purged" };

/** So many are looked for behind one another when copies of a stream differ; a snapshot comes sooner. */
const MAX_NAMED = 2_000;

/** Where no head is found, it is looked for again after so many records. */
const READS_WITHOUT_HEAD = 64;

/**
 * Reads a room's records on, up to `until` or to its head. Where the leader has nothing more, `until` is not reached.
 *
 * One copy of a stream may be wrong for good, the leader's, too (docs/adr/0026-a-log-on-nats.md). So what a record says
 * of the one before it counts more than what was read there: that one is looked for in all copies.
 *
 * @param isWhole  Take it that what can't be found never was, and so is no hole.
 */
export async function catchUp(
  source: RecordSource,
  reader: RecordReader,
  { until, isWhole = false }: { readonly until?: number | undefined; readonly isWhole?: boolean } = {},
): Promise<CaughtUp> {
  let head = until ?? (await source.head());
  let misses = 0;
  const ahead = new ReadAhead(source);
  for (let reads = 0; head === null || reader.seenSeq < head; reads++) {
    const after = reader.seenSeq;
    const found = await ahead.next(after, head ?? 0);
    if (found === null) {
      // The newest were void and have been removed since; or who answers lags, or leads no more and does not know it.
      // So nothing is taken as seen: whoever skipped a valid record would take all that follow it for void.
      if (until !== undefined || ((await source.head()) ?? 0) <= after) break;
      // It may have come between the two questions.
      misses += 1;
      if (misses === 1) continue;
      throw unavailable("the leader of a stream does not have what it was said to hold");
    }
    misses = 0;
    // Without an end, what is written faster than it is read would be read for ever.
    if (head === null && reads % READS_WITHOUT_HEAD === 0) head = await source.head();
    const record = decodeRecord(found.data);
    if (reader.take(found.seq, record, false) === "taken" || record === null) continue;
    const followed = await followName(source, reader, record);
    if (followed === "mended") continue;
    if (followed !== null) return followed;
    if (!isWhole && record.prev > reader.lastSeq) return PURGED;
    reader.take(found.seq, record, true);
  }
  return CAUGHT_UP;
}

/**
 * Looks for the records that lie between what the reader has and one that names others before it: `mended` where the
 * reader has them now, null where they can't be found or count for nothing.
 */
async function followName(
  source: RecordSource,
  reader: RecordReader,
  { prev, prevId }: RoomRecord,
): Promise<"mended" | CaughtUp | null> {
  const between: PlacedRecord[] = [];
  for (let seq = prev, id = prevId; between.length < MAX_NAMED; ) {
    const isFork = seq <= reader.lastSeq;
    // Its proposer was misled, or this reader: most copies decide.
    if (isFork && (await source.commonestAt(seq)) !== id) return null;
    const record = await source.named(seq, id);
    if (record === null) return null;
    between.push({ seq, record });
    if (isFork) return { kind: "misled", by: between.reverse() };
    if (record.prev === reader.lastSeq && record.prevId === reader.lastId) {
      for (const each of between.reverse()) reader.mend(each);
      return "mended";
    }
    seq = record.prev;
    id = record.prevId;
  }
  return null;
}
