import type { Message, Position, SubscribedFrame } from "@parlor/client";

/** A message that nobody here has read. */
export interface UnreadMessage {
  readonly offset: number;
  readonly isMention: boolean;
}

/**
 * What is unread of one room, folded from its log: the messages behind the place up to which it was read.
 *
 *     read ├── readTo ──┤ waiting … ├── countedTo ──┤ head
 *
 * Offsets may skip, so there is no counting them: each message is counted when it comes, once, whichever
 * way it comes. Pure.
 */
export interface Unread {
  /** null before the first `subscribed` of a room that was never read. */
  readonly epoch: string | null;
  readonly readTo: number;
  readonly countedTo: number;
  /** The newest, at most `MAX_COUNTED`. */
  readonly waiting: readonly UnreadMessage[];
  /** There are more than `waiting` holds. */
  readonly hasMore: boolean;
}

/** Above this it is only said that there are more. */
export const MAX_COUNTED = 99;

export function unreadBehind(read: Position | null): Unread {
  const offset = read?.offset ?? 0;
  return { epoch: read?.epoch ?? null, readTo: offset, countedTo: offset, waiting: [], hasMore: false };
}

export function afterSubscribed(unread: Unread, frame: SubscribedFrame): Unread {
  const { epoch, after, head, skipped } = frame;
  // Nobody has read a room that they were never in, nor do they wait for what was said there before.
  if (unread.epoch === null) return unreadBehind({ epoch, offset: head });
  if (unread.epoch !== epoch) return { ...unreadBehind({ epoch, offset: 0 }), countedTo: after };
  const isSkipping = skipped !== null && after > unread.countedTo;
  return isSkipping ? { ...unread, countedTo: after, hasMore: true } : unread;
}

/** @param isMention told of each message that others wrote */
export function afterMessages(
  unread: Unread,
  messages: readonly Message[],
  self: string | null,
  isMention: (message: Message) => boolean,
): Unread {
  const last = messages.at(-1);
  if (unread.epoch === null || last === undefined || last.offset <= unread.countedTo) return unread;
  const found = messages
    .filter(({ offset, from, re, redacted }) => {
      const isNew = offset > unread.countedTo && offset > unread.readTo;
      return isNew && from !== self && re === undefined && redacted !== true;
    })
    .map((message) => ({ offset: message.offset, isMention: isMention(message) }));
  return counted(unread, found, last.offset);
}

/** With what was found behind what was counted, up to there. */
export function counted(unread: Unread, found: readonly UnreadMessage[], countedTo: number): Unread {
  const waiting = [...unread.waiting, ...found];
  return {
    ...unread,
    countedTo,
    waiting: waiting.length > MAX_COUNTED ? waiting.slice(-MAX_COUNTED) : waiting,
    hasMore: unread.hasMore || waiting.length > MAX_COUNTED,
  };
}

/** Somebody read up to there, on this page or another. */
export function afterRead(unread: Unread, { epoch, offset }: Position): Unread {
  if (unread.epoch !== epoch) return unread.epoch === null ? unreadBehind({ epoch, offset }) : unread;
  if (offset <= unread.readTo) return unread;
  const waiting = unread.waiting.filter((message) => message.offset > offset);
  const isCounted = waiting.length < unread.waiting.length || unread.waiting.length === 0;
  return {
    ...unread,
    readTo: offset,
    countedTo: Math.max(unread.countedTo, offset),
    waiting,
    hasMore: unread.hasMore && !isCounted,
  };
}

export interface UnreadCount {
  /** "99+" where there are more than are counted; "" for none. */
  readonly text: string;
  readonly count: number;
  readonly mentions: number;
}

export function unreadCount({ waiting, hasMore }: Unread): UnreadCount {
  const count = waiting.length;
  const mentions = waiting.filter(({ isMention }) => isMention).length;
  if (hasMore) return { text: `${MAX_COUNTED}+`, count: Math.max(count, 1), mentions };
  return { text: count === 0 ? "" : `${count}`, count, mentions };
}
