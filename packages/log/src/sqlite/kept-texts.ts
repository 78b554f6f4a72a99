import type { TextPage, TextQuestion } from "../room-log.ts";
import type { RoomRow } from "./room-rows.ts";

/** What all that is kept may hold, bytes: some sixteen pages of history. */
const MAX_BYTES = 4_194_304;
/** What a page counts besides its text: a thousand empty ones, of rooms that anybody may name, are as many as there may be. */
const PAGE_BYTES = 4_096;

interface KeptText {
  readonly room: RoomRow;
  readonly page: TextPage;
}

/**
 * The pages that were made last, for who asks the same once more: a room's newest messages are asked for by everybody
 * who comes, and five hundred of them are two milliseconds of work.
 *
 * A page is the same for as long as the room's row is: what is appended moves its head, what is trimmed its beginning,
 * and what is erased takes bytes from it, which nothing but an append adds.
 */
export class KeptTexts {
  /** The one that was asked for longest ago is first. */
  readonly #kept = new Map<string, KeptText>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** With a text of its own, which may be handed to another thread; null where it is not kept, or another by now. */
  find(question: TextQuestion, room: RoomRow): TextPage | null {
    const key = keyOf(question);
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    this.#drop(key, kept);
    if (!isSame(kept.room, room)) return null;
    this.#keep(key, kept);
    return withOwnText(kept.page);
  }

  keep(question: TextQuestion, room: RoomRow, page: TextPage): void {
    const key = keyOf(question);
    const before = this.#kept.get(key);
    if (before !== undefined) this.#drop(key, before);
    if (bytesOf(page) <= this.#maxBytes) this.#keep(key, { room, page: withOwnText(page) });
  }

  #keep(key: string, kept: KeptText): void {
    this.#kept.set(key, kept);
    this.#bytes += bytesOf(kept.page);
    for (const [oldest, each] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest, each);
    }
  }

  #drop(key: string, { page }: KeptText): void {
    this.#kept.delete(key);
    this.#bytes -= bytesOf(page);
  }
}

function keyOf({ room, from, bounds }: TextQuestion): string {
  const [direction, offset] = "after" in from ? ["after", from.after] : ["before", from.before];
  return [direction, offset, bounds.maxMessages, bounds.maxBytes, room].join(" ");
}

function isSame(before: RoomRow, now: RoomRow): boolean {
  return (Object.keys(now) as (keyof RoomRow)[]).every((column) => before[column] === now[column]);
}

function bytesOf({ text }: TextPage): number {
  return text.length + PAGE_BYTES;
}

function withOwnText(page: TextPage): TextPage {
  return { ...page, text: page.text.slice() };
}
