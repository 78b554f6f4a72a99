import type { Page, RoomHead, RoomLog } from "@parlor/log";
import type { Counters } from "./counters.ts";
import type { ReadTurns } from "./read-turns.ts";
import { CATCH_UP_BOUNDS } from "./shared-reads.ts";

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
  #isAsking = false;
  /** What the room was opened with, for whoever it was opened for. */
  #kept: { readonly newest: number; readonly page: Page } | null = null;

  constructor(log: RoomLog, room: string, counters: Counters, turns: ReadTurns) {
    this.#log = log;
    this.#room = room;
    this.#counters = counters;
    this.#turns = turns;
  }

  /** The newest so many messages; null where the head has to be asked for instead. Rejects as the log does. */
  async ask(newest: number): Promise<Page | null> {
    const { maxMessages, maxBytes } = CATCH_UP_BOUNDS;
    if (newest === 0 || newest > maxMessages || this.#isAsking) return null;
    this.#isAsking = true;
    try {
      this.#counters.headReads += 1;
      const bounds = { maxMessages: newest, maxBytes };
      const page = await this.#turns.take(() => this.#log.readBefore(this.#room, Infinity, bounds));
      // Cut short by its bytes it does not say where the newest begin.
      return page.messages.length === newest || !page.more ? page : null;
    } finally {
      this.#isAsking = false;
    }
  }

  keep(newest: number, page: Page): void {
    this.#kept = { newest, page };
  }

  /** What was kept, once; null where it was kept for another number. */
  take(newest: number): Page | null {
    const kept = this.#kept;
    this.#kept = null;
    return kept?.newest === newest ? kept.page : null;
  }
}

/** What `RoomLog.head` would say of the messages of such a page. */
export function headOf({ epoch, head, earliest, messages }: Page): RoomHead {
  return { epoch, head, earliest, after: (messages[0]?.offset ?? head + 1) - 1 };
}
