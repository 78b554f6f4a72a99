import type { Page, RoomHead, RoomLog } from "@parlor/log";
import type { Counters } from "./counters.ts";
import type { FeedState } from "./feed.ts";
import type { NewestPages } from "./newest-pages.ts";
import type { ReadTurns } from "./read-turns.ts";
import { READ_BOUNDS } from "./shared-reads.ts";

/**
 * Joins of one room that ask the log once: the newest messages themselves say where the newest begin, so the
 * question for the head and the read behind it are one. A join waits for the log half as long.
 *
 * Only one at a time. Of a crowd each would read the same page, where those that asked for the head alone share
 * one read (shared-reads.ts).
 */
export class NewestReads {
  readonly #log: RoomLog;
  readonly #room: string;
  readonly #counters: Counters;
  readonly #turns: ReadTurns;
  readonly #pages: NewestPages;
  #isAsking = false;
  /** How often what was read had to be forgotten. */
  #forgotten = 0;

  constructor(log: RoomLog, room: string, counters: Counters, turns: ReadTurns, pages: NewestPages) {
    this.#pages = pages;
    this.#log = log;
    this.#room = room;
    this.#counters = counters;
    this.#turns = turns;
  }

  /** The newest so many messages, for an address where the question is its own; null where the head has to be asked for instead. Rejects as the log does. */
  async ask(newest: number, group?: string): Promise<Page | null> {
    const { maxMessages, maxBytes } = READ_BOUNDS;
    if (newest === 0 || newest > maxMessages || this.#isAsking) return null;
    this.#isAsking = true;
    const forgotten = this.#forgotten;
    try {
      this.#counters.headReads += 1;
      const bounds = { maxMessages: newest, maxBytes };
      const read = (): Promise<Page> => this.#log.readBefore(this.#room, Infinity, bounds);
      const page = await this.#turns.take(read, group);
      // Cut short by its bytes it does not say where the newest begin.
      if (page.messages.length < newest && page.more) return null;
      if (forgotten === this.#forgotten) this.#pages.keep(this.#room, page);
      return page;
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * The newest so many messages as they were read before; null where they were not, or may be others by now. A log that
   * fulfils appends before its tail has told of them is not answered for, but for what the room was opened with.
   */
  kept(newest: number, { epoch, reached, earliest, filling }: FeedState): Page | null {
    const page = this.#pages.find(this.#room);
    if (page === null) return null;
    if (this.#log.tellsFirst !== true) this.#pages.forget(this.#room);
    const isSame = page.head === reached && page.epoch === epoch && page.earliest === earliest;
    if (newest === 0 || filling !== null || !isSame) return null;
    if (page.messages.length > newest) return { ...page, messages: page.messages.slice(-newest), more: true };
    return page.messages.length === newest || !page.more ? page : null;
  }

  /** A body may have been erased since it was read, or the history is another. */
  forget(): void {
    this.#forgotten += 1;
    this.#pages.forget(this.#room);
  }
}

/** What `RoomLog.head` would say of the messages of such a page. */
export function headOf({ epoch, head, earliest, messages }: Page): RoomHead {
  return { epoch, head, earliest, after: (messages[0]?.offset ?? head + 1) - 1 };
}
