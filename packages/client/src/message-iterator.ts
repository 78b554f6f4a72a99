import type { HistoryPageFrame, Lost, Message, Position } from "@parlor/protocol";
import type { Failure } from "./effects.ts";
import { readForward } from "./forward-reader.ts";
import type { HistoryQuery } from "./history-requests.ts";
import { MessageFeed, type FeedSource } from "./message-feed.ts";

export interface MessagesOptions {
  /** Begin with the newest so many; 0 to 500. @default 0 */
  readonly last?: number | undefined;
  /** Begin behind this position. Not together with `last`. */
  readonly from?: Position | undefined;
  /** Ends the iteration, quietly. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what can't be delivered any more. @default the iteration throws `lost` */
  readonly onLost?: ((lost: Lost) => void) | undefined;
  /**
   * Messages that wait for a slow reader. Those above it are read again from the room's history once the
   * reader has taken these; none is left out.
   *
   * @default 1_000
   */
  readonly maxBuffered?: number | undefined;
}

/** What an iteration needs of its room. */
export interface IterableRoom extends FeedSource {
  errorOf(failure: Failure): Error;
  /** The room's cursor as it is now. */
  cursorOf(): Position | null;
  history(query: Omit<HistoryQuery, "room">): Promise<HistoryPageFrame>;
  /** Holds the subscription, begins it where there is none, and tells whether it did. */
  hold(options: MessagesOptions): { readonly hasBegun: boolean; release(): void };
}

const DEFAULT_MAX_BUFFERED = 1_000;

/** The messages of a room, each once and in order, at the pace of whoever reads. */
export async function* iterateMessages(
  room: IterableRoom,
  options: MessagesOptions,
): AsyncGenerator<Message, void, undefined> {
  const feed = new MessageFeed(room, options.maxBuffered ?? DEFAULT_MAX_BUFFERED, options.signal);
  /** Where the feed's first item follows. */
  let start = room.cursorOf();
  const hold = room.hold(options);
  /** The last message that was handed out, or where this reader began. */
  let place: Position | null = options.from ?? null;

  const tellLost = (lost: Lost): void => {
    if (options.onLost === undefined) throw room.errorOf(lostFailure(lost));
    options.onLost(lost);
  };

  /** Reads what lies between `place` and `target`. */
  async function* catchUp(target: Position): AsyncGenerator<Message, void, undefined> {
    if (place !== null && place.epoch !== target.epoch) {
      tellLost({ epoch: true });
      place = { epoch: target.epoch, offset: 0 };
    }
    place ??= target;
    for await (const item of readForward((q) => room.history(q), place.epoch, place.offset, target.offset)) {
      if ("failure" in item) throw room.errorOf(item.failure);
      if ("lost" in item) {
        tellLost(item.lost);
        continue;
      }
      place = { epoch: target.epoch, offset: item.message.offset };
      yield item.message;
    }
  }

  try {
    // A subscription that serves others already can't go back for this reader; history can.
    while (!hold.hasBegun && start === null && feed.end === null) {
      await feed.wait();
      const item = feed.shift();
      if (item !== undefined && "lost" in item) tellLost(item.lost);
      if (item !== undefined && "chain" in item)
        start = { epoch: item.chain.epoch, offset: item.chain.after };
    }
    if (!hold.hasBegun && start !== null && feed.end === null) {
      if (options.last !== undefined && options.last > 0) {
        const newest = await readNewest(room, options.last);
        for (const message of newest.messages) {
          place = { epoch: newest.epoch, offset: message.offset };
          yield message;
        }
      }
      yield* catchUp(start);
    }
    for (;;) {
      const item = feed.shift();
      if (item === undefined) {
        if (feed.end !== null) {
          if (feed.end.failure !== null) throw room.errorOf(feed.end.failure);
          return;
        }
        if (feed.hasOverflowed) {
          feed.restart();
          const target = room.cursorOf();
          if (target !== null) yield* catchUp(target);
        } else await feed.wait();
      } else if ("lost" in item) {
        tellLost(item.lost);
      } else if ("chain" in item) {
        const { epoch, after } = item.chain;
        // Within an epoch a chain may start behind what was read already, never the other way round
        // without a word that came just before it.
        if (place === null || place.epoch !== epoch || after > place.offset) place = { epoch, offset: after };
      } else if (place === null || item.message.offset > place.offset) {
        if (place !== null) place = { epoch: place.epoch, offset: item.message.offset };
        yield item.message;
      }
    }
  } finally {
    feed.close();
    hold.release();
  }
}

/** The newest messages of a room, ascending; more pages than one where they are large. */
async function readNewest(
  room: IterableRoom,
  count: number,
): Promise<{ readonly epoch: string; readonly messages: readonly Message[] }> {
  let page = await room.history({ limit: count });
  const { epoch } = page;
  let messages = page.messages;
  while (page.more && messages.length < count && page.messages.length > 0) {
    page = await room.history({ before: messages[0]?.offset, limit: count - messages.length });
    if (page.epoch !== epoch) break;
    messages = [...page.messages, ...messages];
  }
  return { epoch, messages };
}

function lostFailure(lost: Lost): Failure {
  const message =
    "epoch" in lost
      ? "The room's history is another than the one that was read."
      : `The messages ${lost.from} to ${lost.to} are not kept any more.`;
  return { code: "lost", message };
}
