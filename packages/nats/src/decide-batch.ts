import { type Append, type AppendResult, decideOnce, type ProducerMark } from "@parlor/log";
import type { RecordMessage, RoomRecord } from "./record.ts";
import type { RoomFold } from "./room-fold.ts";

/** A record without what its proposer adds: whom it follows, and the room's head unless it says another base. */
export type Draft = Omit<RoomRecord, "id" | "epoch" | "prev" | "prevId" | "base"> & {
  readonly base?: number;
};

export interface DecidedBatch {
  /**
   * What is proposed. The results hold if it turns out valid, for then nothing came between; otherwise decide again.
   * Null where the results hold already.
   */
  readonly draft: Draft | null;
  /** Of each append, in order. */
  readonly results: readonly AppendResult[];
  /** Nothing is proposed, yet a producer was refused: that holds only if the room is really as it is known here. */
  readonly needsHead: boolean;
}

/** A repetition renews its producer's time once that part of it is over. */
const RENEW_PART = 8;

/**
 * Decides what becomes of appends, in order, given the room as it is known here. A refusal is proposed, too, as a
 * record without messages: a node that lags would refuse a producer that another one knows.
 *
 * @param mayProposeRefusal  Asked where nothing but a refusal would be proposed. A stranger can have themselves refused
 *   without end, and what is proposed is stored: beyond a rate the stream's leader is asked instead.
 */
export function decideBatch(
  fold: RoomFold,
  appends: readonly Append[],
  now: number,
  producerRetentionMs: number,
  mayProposeRefusal: () => boolean,
): DecidedBatch {
  const at = Math.max(now, fold.lastAt);
  const { epoch } = fold;
  const marks = new Map<string, ProducerMark>();
  const messages: RecordMessage[] = [];
  const touched: (readonly [string, string])[] = [];
  const results: AppendResult[] = [];
  let isRefused = false;
  for (const append of appends) {
    const { from, producer, seq, re, remember, bodyJson } = append;
    const key = `${from}\n${producer}`;
    const known = fold.markOf(from, producer);
    const decision = decideOnce(append, remember ? (marks.get(key) ?? known) : undefined);
    switch (decision.kind) {
      case "append": {
        messages.push({ from, producer, seq, re, remember, bodyJson });
        const offset = fold.index.head + messages.length;
        if (remember) marks.set(key, { seq, offset });
        results.push({ kind: "appended", epoch, offset, at, newProducer: decision.newProducer });
        break;
      }
      case "duplicate":
        results.push({ kind: "duplicate", epoch, offset: decision.offset });
        if (known !== undefined && !marks.has(key) && now - known.usedAt > producerRetentionMs / RENEW_PART) {
          touched.push([from, producer]);
        }
        break;
      case "out-of-order":
      case "unknown-producer":
        isRefused = true;
        results.push(decision);
        break;
      case "not-admitted":
        results.push(decision);
        break;
    }
  }
  const isProposed =
    messages.length > 0 || touched.length > 0 || (isRefused && fold.lastSeq > 0 && mayProposeRefusal());
  if (!isProposed) return { draft: null, results, needsHead: isRefused };
  const draft: Draft = { at, messages, ...(touched.length === 0 ? {} : { touched }) };
  return { draft, results, needsHead: false };
}
