import type { Page, RoomLog } from "@parlor/log";
import type { Counters } from "./counters.ts";
import { cutIntoBatches, type EncodedBatch } from "./encoded-batch.ts";
import type { ReadTurns } from "./read-turns.ts";

/** Bounds of one read, so that it fills about one frame. */
export const CATCH_UP_BOUNDS = { maxMessages: 250, maxBytes: 32_768 };

/** What a read behind a cursor gave: the page, and of it the batch to deliver next. */
export interface CatchUpRead {
  readonly page: Page;
  /** Null where the page shows nothing up to what the room has fanned out. */
  readonly batch: EncodedBatch | null;
}

/**
 * Reads of one room's log for its subscriptions that catch up. Those at the same cursor share the read
 * and the bytes that it becomes, so the log is read in proportion to distinct cursors, not to readers.
 */
export class SharedReads {
  readonly #log: RoomLog;
  readonly #room: string;
  readonly #counters: Counters;
  readonly #onFault: (error: unknown) => void;
  readonly #turns: ReadTurns;
  /** Null before the first: most rooms are never read behind what they were opened with. */
  #running: Map<number, Promise<CatchUpRead | null>> | null = null;
  /** What `withPage` was given, while it runs. */
  #atHand: { readonly after: number; readonly page: Page } | null = null;

  constructor(
    log: RoomLog,
    room: string,
    counters: Counters,
    onFault: (error: unknown) => void,
    turns: ReadTurns,
  ) {
    this.#turns = turns;
    this.#log = log;
    this.#room = room;
    this.#counters = counters;
    this.#onFault = onFault;
  }

  /**
   * One frame's worth behind `after`, and nothing beyond what `fannedOut` says when the page is there:
   * what waits to be fanned out will still come live. Never rejects; null where the log could not be read.
   */
  behind(after: number, fannedOut: () => number): Promise<CatchUpRead | null> {
    if (after === this.#atHand?.after)
      return Promise.resolve(this.#readOf(this.#atHand.page, after, fannedOut));
    const running = (this.#running ??= new Map());
    const shared = running.get(after);
    if (shared !== undefined) return shared;
    this.#counters.catchUpReads += 1;
    const read = this.#read(after, fannedOut).finally(() => running.delete(after));
    running.set(after, read);
    return read;
  }

  /** Runs `begin`, in which the page behind `after` need not be read: it is at hand. */
  withPage(after: number, page: Page | null, begin: () => void): void {
    this.#atHand = page === null ? null : { after, page };
    begin();
    this.#atHand = null;
  }

  #readOf(page: Page, after: number, fannedOut: () => number): CatchUpRead {
    this.#turns.spent(bytesOf(page));
    const known = page.messages.filter((message) => message.offset <= fannedOut());
    const batch = cutIntoBatches(this.#room, page.epoch, after, known)[0] ?? null;
    this.#counters.catchUpMessages += batch?.messages.length ?? 0;
    return { page, batch };
  }

  async #read(after: number, fannedOut: () => number): Promise<CatchUpRead | null> {
    try {
      const page = await this.#turns.take(() => this.#log.read(this.#room, after, CATCH_UP_BOUNDS));
      return this.#readOf(page, after, fannedOut);
    } catch (error) {
      // The subscription asks again after a pause; the log's own status says why to operators.
      this.#onFault(error);
      return null;
    }
  }
}

function bytesOf({ messages }: Page): number {
  let bytes = 0;
  for (const { bodyJson } of messages) bytes += bodyJson?.length ?? 0;
  return bytes;
}
