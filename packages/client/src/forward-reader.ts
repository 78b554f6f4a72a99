import type { HistoryPageFrame, Lost, Message } from "@parlor/protocol";
import type { Failure } from "./effects.ts";

/** What a reader comes across: messages in order, a stretch that is no more, or why it can't go on. */
export type ReadItem =
  | { readonly message: Message }
  | { readonly lost: Lost }
  | { readonly failure: Failure };

type ReadPage = (query: { before: number; limit: number }) => Promise<HistoryPageFrame>;

/** Messages of one page. */
const MAX_LIMIT = 200;
/** Beyond any offset that a room reaches; only sparse ones widen the window so far. */
const MAX_WINDOW = 2 ** 40;

/**
 * Reads the messages with offsets in (`after`, `upTo`] in ascending order, with pages that go backwards.
 *
 *     after        after + window
 *       ▼                ▼
 *     ──┼──[ · · · · · · ]──────── …      the newest messages before the right mark, at most a page
 *
 * A page reaches back to `after` unless it was cut short (a page ends at 256 KiB) or the window holds
 * more than a page; then the window is halved and read again. Offsets may skip numbers, so a window may
 * hold few messages or none; then it widens. It may yield messages behind `upTo`, and ends with or behind it.
 *
 * It ends early when the room has another epoch than `epoch`, and with a failure where a server answers
 * that lags behind what was already delivered. @throws what `readPage` throws.
 */
export async function* readForward(
  readPage: ReadPage,
  epoch: string,
  after: number,
  upTo: number,
): AsyncGenerator<ReadItem, void, undefined> {
  let place = after;
  let window = MAX_LIMIT;
  while (place < upTo) {
    const limit = Math.min(window, MAX_LIMIT);
    const page = await readPage({ before: place + 1 + window, limit });
    if (page.epoch !== epoch) return;
    if (page.earliest > place + 1) {
      yield { lost: { from: place + 1, to: page.earliest - 1 } };
      place = page.earliest - 1;
      continue;
    }
    const oldest = page.messages[0]?.offset ?? 0;
    if (page.more && oldest > place + 1) {
      window = Math.max(1, Math.floor(window / 2));
      continue;
    }
    const fresh = page.messages.filter((message) => message.offset > place);
    for (const message of fresh) yield { message };
    const newest = fresh.at(-1)?.offset;
    if (newest === undefined && place + window >= upTo) {
      yield { failure: { code: "unavailable", message: "The server that answered lags behind." } };
      return;
    }
    place = newest ?? place + window;
    if (fresh.length < limit / 4) window = Math.min(window * 2, MAX_WINDOW);
  }
}
