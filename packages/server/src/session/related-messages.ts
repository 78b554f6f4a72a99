import type { RoomLog, StoredMessage } from "@parlor/log";
import { MAX_PAGE_BYTES, MAX_RELATED_PER_MESSAGE } from "@parlor/protocol";

/** Of one page, all together. */
const NEWEST = { maxMessages: 2_000, maxBytes: MAX_PAGE_BYTES };

/** What is read to find an author's own words below what others said since, for a whole page. */
const SEARCHED_PER_MESSAGE = 1_000;
const SEARCHED = { maxMessages: 4_000, maxBytes: 4 * MAX_PAGE_BYTES };

/** So many of an author's own about a message are in the answer, however many of others' are newer. */
const OWN_PER_MESSAGE = 20;
/** Beyond which even these are left out, the oldest first. */
const OWN = { maxMessages: 1_000, maxBytes: MAX_PAGE_BYTES / 2 };

/**
 * What was said later about the messages of a page, ascending: of each the newest 100.
 *
 * Beside these the newest of its author's own, for only they change or take back what it says: a hundred reactions
 * must not bring an old text back. They are looked for only where something may have been left out.
 */
export async function readRelated(
  log: RoomLog,
  room: string,
  messages: readonly Pick<StoredMessage, "offset" | "from">[],
): Promise<readonly StoredMessage[]> {
  if (messages.length === 0) return [];
  const offsets = messages.map(({ offset }) => offset);
  const newest = await log.related(room, offsets, MAX_RELATED_PER_MESSAGE, NEWEST);
  if (!mayLack(newest)) return newest;
  const authors = new Map(messages.map(({ offset, from }) => [offset, from]));
  const found = await log.related(room, offsets, SEARCHED_PER_MESSAGE, SEARCHED);
  const own = newestOwn(found, authors);
  const all = new Map([...newest, ...own].map((message) => [message.offset, message]));
  const kept = new Set(own.map(({ offset }) => offset));
  const ordered = [...all.values()].sort((a, b) => b.offset - a.offset);
  const others = ordered.filter(({ offset }) => !kept.has(offset));
  return within([...own, ...others], NEWEST).sort((a, b) => a.offset - b.offset);
}

/** Whether there may be more than these: of one message, or of all together. */
function mayLack(newest: readonly StoredMessage[]): boolean {
  const counts = new Map<number | undefined, number>();
  let bytes = 0;
  for (const { re, bodyJson } of newest) {
    counts.set(re, (counts.get(re) ?? 0) + 1);
    bytes += Buffer.byteLength(bodyJson ?? "");
  }
  // The next one, which was left out, may have been a long one.
  const isCut = newest.length >= NEWEST.maxMessages || bytes > NEWEST.maxBytes / 2;
  return isCut || Math.max(0, ...counts.values()) >= MAX_RELATED_PER_MESSAGE;
}

/** Newest first. */
function newestOwn(
  found: readonly StoredMessage[],
  authors: ReadonlyMap<number, string>,
): readonly StoredMessage[] {
  const counts = new Map<number, number>();
  const own = found.toReversed().filter(({ re = 0, from }) => {
    if (authors.get(re) !== from) return false;
    const count = (counts.get(re) ?? 0) + 1;
    counts.set(re, count);
    return count <= OWN_PER_MESSAGE;
  });
  return within(own, OWN);
}

/** The first of them that fit, and one at least. */
function within(
  messages: readonly StoredMessage[],
  { maxMessages, maxBytes }: typeof NEWEST,
): StoredMessage[] {
  let bytes = 0;
  const end = messages.findIndex(({ bodyJson }, index) => {
    bytes += Buffer.byteLength(bodyJson ?? "");
    return index > 0 && (index >= maxMessages || bytes > maxBytes);
  });
  return messages.slice(0, end < 0 ? messages.length : end);
}
