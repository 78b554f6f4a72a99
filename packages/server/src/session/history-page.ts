import type { RoomLog, StoredMessage } from "@parlor/log";
import { encodeMessage, MAX_PAGE_BYTES } from "@parlor/protocol";
import { readRelated } from "./related-messages.ts";

export interface HistoryQuery {
  readonly room: string;
  /** Messages below it, newest first counted; `Infinity` is the newest page. */
  readonly before?: number | undefined;
  /** Messages above it instead. Not together with `before`. */
  readonly after?: number | undefined;
  readonly limit: number;
  readonly related: boolean;
}

/** A page of history whose messages are JSON text already. */
export interface HistoryPage {
  readonly epoch: string;
  readonly earliest: number;
  readonly head: number;
  readonly texts: readonly string[];
  readonly related: readonly string[] | null;
  readonly more: boolean;
}

/**
 * Reads one page: ascending, at most `limit` messages and 256 KiB of text, but always at least one
 * where there is one. Rejects as the log does.
 */
export async function readHistoryPage(log: RoomLog, query: HistoryQuery): Promise<HistoryPage> {
  const bounds = { maxMessages: query.limit, maxBytes: MAX_PAGE_BYTES };
  const isForward = query.after !== undefined;
  const page = isForward
    ? await log.read(query.room, query.after, bounds)
    : await log.readBefore(query.room, query.before ?? Infinity, bounds);
  const { messages, texts, isCut } = cutToBytes(page.messages, isForward);
  return {
    epoch: page.epoch,
    earliest: page.earliest,
    head: page.head,
    texts,
    related: query.related ? (await readRelated(log, query.room, messages)).map(encodeMessage) : null,
    more: page.more || isCut,
  };
}

/** Keeps what fits, from the end that was asked for: the oldest going forward, the newest going back. */
function cutToBytes(
  all: readonly StoredMessage[],
  isForward: boolean,
): { messages: readonly StoredMessage[]; texts: string[]; isCut: boolean } {
  const texts = all.map(encodeMessage);
  const order = isForward ? texts.keys() : [...texts.keys()].reverse();
  let bytes = 0;
  let kept = 0;
  for (const index of order) {
    bytes += Buffer.byteLength(texts[index] as string) + 1;
    if (kept > 0 && bytes > MAX_PAGE_BYTES) break;
    kept += 1;
  }
  const [from, to] = isForward ? [0, kept] : [all.length - kept, all.length];
  return { messages: all.slice(from, to), texts: texts.slice(from, to), isCut: kept < all.length };
}
