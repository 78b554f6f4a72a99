import type { Page, ReadBounds } from "@parlor/log";
import type { CatchUpRead } from "./catch-up.ts";
import { cutIntoBatches } from "./encoded-batch.ts";
import type { RoomDeps } from "./room-deps.ts";

/** Bounds of one read, so that it fills about one frame. */
export const READ_BOUNDS: ReadBounds = { maxMessages: 250, maxBytes: 32_768 };

/**
 * Reads of one room's log for its subscriptions that catch up. Those at the same cursor share the read
 * and the bytes that it becomes, so the log is read in proportion to distinct cursors, not to readers.
 */
export class SharedReads {
  readonly #room: string;
  readonly #deps: RoomDeps;
  /** Null before the first: most rooms are never read behind what they were opened with. */
  #running: Map<number, Promise<CatchUpRead | null>> | null = null;
  /** How often what was read had to be forgotten. */
  #forgotten = 0;
  /** What `withPage` was given, while it runs. */
  #atHand: { readonly after: number; readonly page: Page } | null = null;

  constructor(room: string, deps: RoomDeps) {
    this.#room = room;
    this.#deps = deps;
  }

  /**
   * One frame's worth behind `after`, and nothing beyond what `fannedOut` says when the page is there:
   * what waits to be fanned out will still come live. Never rejects; null where the log could not be read.
   *
   * @param earliest The smallest offset that the room still has.
   */
  behind(after: number, earliest: () => number, fannedOut: () => number): Promise<CatchUpRead | null> {
    if (after === this.#atHand?.after)
      return Promise.resolve(this.#readOf(this.#atHand.page, after, fannedOut));
    const running = (this.#running ??= new Map());
    const shared = running.get(after);
    if (shared !== undefined) return shared;
    const read = this.#findOrRead(after, earliest, fannedOut).finally(() => running.delete(after));
    running.set(after, read);
    return read;
  }

  /** A body may have been erased since it was read, or the history is another. */
  forget(): void {
    this.#forgotten += 1;
    this.#deps.keptReads.forget(this.#room);
  }

  /** Runs `begin`, in which the page behind `after` need not be read: it is at hand. */
  withPage(after: number, page: Page | null, begin: () => void): void {
    this.#atHand = page === null ? null : { after, page };
    begin();
    this.#atHand = null;
  }

  #readOf(page: Page, after: number, fannedOut: () => number): CatchUpRead {
    this.#deps.readTurns.spent(bytesOf(page));
    const known = page.messages.filter((message) => message.offset <= fannedOut());
    return this.#counted({ page, batch: cutIntoBatches(this.#room, page.epoch, after, known)[0] ?? null });
  }

  #counted(read: CatchUpRead): CatchUpRead {
    this.#deps.counters.catchUpMessages += read.batch?.messages.length ?? 0;
    return read;
  }

  async #findOrRead(
    after: number,
    earliest: () => number,
    fannedOut: () => number,
  ): Promise<CatchUpRead | null> {
    const find = (): CatchUpRead | null => this.#deps.keptReads.find(this.#room, after, earliest());
    if (find() !== null) {
      await this.#deps.readTurns.take(() => this.#turnsEnd());
      // It may have been forgotten meanwhile.
      const kept = find();
      if (kept !== null) {
        this.#deps.counters.catchUpKept += 1;
        return this.#counted(kept);
      }
    }
    return await this.#read(after, fannedOut);
  }

  /** A hundred frames at hand are not sent in one turn of the event loop: nobody else would be served for as long. */
  #turnsEnd(): Promise<void> {
    return new Promise((resolve) => (this.#deps.atTurnsEnd ?? setImmediate)(resolve));
  }

  async #read(after: number, fannedOut: () => number): Promise<CatchUpRead | null> {
    const { log, readTurns, readBounds = READ_BOUNDS, keptReads, onFault, counters } = this.#deps;
    counters.catchUpReads += 1;
    const forgotten = this.#forgotten;
    try {
      const page = await readTurns.take(() => log.read(this.#room, after, readBounds));
      const read = this.#readOf(page, after, fannedOut);
      // Behind one that ends where the room does, or where its fan-out was, more will come.
      if (page.more && forgotten === this.#forgotten && read.batch?.last === page.messages.at(-1)?.offset)
        keptReads.keep(this.#room, after, read);
      return read;
    } catch (error) {
      // The subscription asks again after a pause; the log's own status says why to operators.
      onFault(error);
      return null;
    }
  }
}

function bytesOf({ messages }: Page): number {
  let bytes = 0;
  for (const { bodyJson } of messages) bytes += bodyJson?.length ?? 0;
  return bytes;
}
