import { type RoomLog, type TextPage, toTextPage } from "@parlor/log";
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
  /** What stands between the brackets of `messages`, in UTF-8. */
  readonly text: Buffer;
  readonly related: readonly string[] | null;
  readonly more: boolean;
}

/**
 * Reads one page: ascending, at most `limit` messages and 256 KiB of text, but always at least one
 * where there is one. Rejects as the log does. A log that makes the text in its own thread is asked for
 * that. Rule: docs/protocol.md [GROW-77].
 */
export async function readHistoryPage(log: RoomLog, query: HistoryQuery): Promise<HistoryPage> {
  const { epoch, earliest, head, text, offsets, authors, more } = await readTextPage(log, query);
  const messages = authors.map((from, index) => ({ offset: offsets[index] ?? 0, from }));
  return {
    epoch,
    earliest,
    head,
    text: Buffer.from(text.buffer, text.byteOffset, text.byteLength),
    related: query.related ? (await readRelated(log, query.room, messages)).map(encodeMessage) : null,
    more,
  };
}

async function readTextPage(log: RoomLog, query: HistoryQuery): Promise<TextPage> {
  const { room, before = Infinity, after, limit } = query;
  const bounds = { maxMessages: limit, maxBytes: MAX_PAGE_BYTES };
  if (log.readText !== undefined) {
    return log.readText({ room, from: after === undefined ? { before } : { after }, bounds });
  }
  return after === undefined
    ? toTextPage(await log.readBefore(room, before, bounds), false, bounds.maxBytes)
    : toTextPage(await log.read(room, after, bounds), true, bounds.maxBytes);
}
