import type { ClientRoom, Position } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import {
  afterMessages,
  afterRead,
  afterSubscribed,
  MAX_COUNTED,
  unreadBehind,
  unreadCount,
  type Unread,
  type UnreadCount,
} from "./unread.ts";

export interface RoomWatchOptions {
  readonly room: ClientRoom;
  /** How far it was read. */
  readonly read: Position | null;
  readonly identity: () => string | null;
  readonly isMention: (message: Message) => boolean;
  /** Somebody is mentioned just now, read or not; or was a moment ago, while the connection was away. */
  readonly onMention: (message: Message) => void;
  readonly onRead: (position: Position) => void;
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
}

/** How long ago a mention that was missed may have been said to be told like one that comes, in ms. */
const JUST_MISSED_MS = 60_000;

/**
 * Counts what is unread of one room: what the server's reader counted, and what came since. While the room is closed it
 * subscribes to it, behind what was counted; while somebody has it open, it listens to what comes for them.
 */
export class RoomWatch {
  readonly count: ReadonlySignal<UnreadCount>;
  readonly #unread: { value: Unread; peek(): Unread };
  readonly #options: RoomWatchOptions;
  readonly #stops: readonly (() => void)[];
  #isSubscribed = false;

  constructor(options: RoomWatchOptions) {
    const { room } = options;
    this.#options = options;
    const unread = signal(unreadBehind(options.read));
    this.#unread = unread;
    this.count = computed(() => unreadCount(unread.value));
    this.#stops = [
      room.on("subscribed", (frame) => {
        const before = this.#unread.peek();
        const after = (this.#unread.value = afterSubscribed(before, frame));
        if (before.epoch !== after.epoch) options.onRead({ epoch: frame.epoch, offset: after.readTo });
      }),
      room.on("messages", (messages, { live }) => {
        const { identity, isMention, onMention, now } = this.#options;
        const self = identity();
        this.#unread.value = afterMessages(this.#unread.peek(), messages, self, isMention);
        const { readTo } = this.#unread.peek();
        const sinceMs = now() - JUST_MISSED_MS;
        for (const message of messages) {
          const { from, re, at, offset } = message;
          const isNew = live || (offset > readTo && at > sinceMs);
          if (isNew && from !== self && re === undefined && isMention(message)) onMention(message);
        }
      }),
    ];
  }

  /** Takes what somebody else counted. */
  fold(step: (unread: Unread) => Unread): void {
    this.#unread.value = step(this.#unread.peek());
  }

  /** Follows the room by itself. */
  subscribe(): void {
    if (this.#isSubscribed) return;
    this.#isSubscribed = true;
    const { epoch, countedTo } = this.#unread.peek();
    const from = epoch === null ? undefined : { epoch, offset: countedTo };
    this.#options.room.subscribe({ from, atMost: MAX_COUNTED + 1 });
  }

  /** Leaves the room to somebody who subscribes to it in their own way. */
  release(): void {
    if (!this.#isSubscribed) return;
    this.#isSubscribed = false;
    this.#options.room.unsubscribe();
  }

  read(position: Position): void {
    const before = this.#unread.peek();
    const after = (this.#unread.value = afterRead(before, position));
    if (after !== before) this.#options.onRead(position);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.release();
  }
}
