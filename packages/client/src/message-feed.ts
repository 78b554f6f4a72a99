import type { Lost, Message } from "@parlor/protocol";
import type { Failure } from "./effects.ts";
import type { RoomEvents } from "./room-events.ts";

/** What a feed hands on, in the order in which the room told it. */
export type FeedItem =
  | { readonly message: Message }
  | { readonly lost: Lost }
  /** A chain started: the next message follows `after`. */
  | { readonly chain: { readonly epoch: string; readonly after: number } };

/** Where a feed listens. */
export interface FeedSource {
  on<Name extends keyof RoomEvents>(name: Name, listener: (...args: RoomEvents[Name]) => void): () => void;
  /** Calls `listener` when the room or its client is done with: with a failure, or with null where that was asked for. */
  onEnd(listener: (failure: Failure | null) => void): () => void;
}

/**
 * The bounded buffer between a room, which tells at the server's pace, and a reader at its own.
 *
 * When it is full it takes nothing more: what it holds is still whole from its first item on, and what
 * came later has to be read again (`hasOverflowed`). So a reader that stops costs a bounded number of
 * messages, whatever the room does.
 */
export class MessageFeed {
  readonly #maxItems: number;
  readonly #stops: (() => void)[];
  #items: FeedItem[] = [];
  #hasOverflowed = false;
  #end: { readonly failure: Failure | null } | null = null;
  #wake: (() => void) | null = null;

  constructor(source: FeedSource, maxItems: number, signal: AbortSignal | undefined) {
    this.#maxItems = maxItems;
    const finish = (failure: Failure | null): void => {
      this.#end ??= { failure };
      this.#wake?.();
    };
    this.#stops = [
      source.on("messages", (messages) => this.#push(messages.map((message) => ({ message })))),
      source.on("lost", (lost) => this.#push([{ lost }])),
      source.on("subscribed", ({ epoch, after }) => this.#push([{ chain: { epoch, after } }])),
      source.on("unsubscribed", finish),
      source.onEnd(finish),
    ];
    if (signal !== undefined) {
      const onAbort = (): void => finish(null);
      signal.addEventListener("abort", onAbort);
      this.#stops.push(() => signal.removeEventListener("abort", onAbort));
      if (signal.aborted) onAbort();
    }
  }

  /** Items came that were not taken: once the rest is read, read the room and `restart`. */
  get hasOverflowed(): boolean {
    return this.#hasOverflowed;
  }

  /** Set once no more can come. */
  get end(): { readonly failure: Failure | null } | null {
    return this.#end;
  }

  shift(): FeedItem | undefined {
    return this.#items.shift();
  }

  /** Forgets what it holds, and takes all that comes from now on. */
  restart(): void {
    this.#items = [];
    this.#hasOverflowed = false;
  }

  /** Resolves when there is an item, an overflow or the end. One waiter at a time. */
  async wait(): Promise<void> {
    if (this.#items.length > 0 || this.#hasOverflowed || this.#end !== null) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  /** Stops listening. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#items = [];
  }

  #push(items: readonly FeedItem[]): void {
    if (this.#hasOverflowed) return;
    const room = this.#maxItems - this.#items.length;
    if (items.length > room) this.#hasOverflowed = true;
    this.#items.push(...items.slice(0, room));
    this.#wake?.();
  }
}
