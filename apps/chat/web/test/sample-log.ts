import type { HistoryPageFrame, Message, SubscribedFrame } from "@parlor/protocol";

/** Whom the tests take this page to be. */
export const SELF = { identity: "me-me-me-me-me-me-me-m", producer: "this-page" };
const OTHER = { identity: "ada-ada-ada-ada-ada-ad", producer: "other-page" };
const EPOCH = "epoch-1";
const STARTED_AT = Date.UTC(2026, 10, 22, 9, 0, 0);

/** A message as the server would tell it; made by somebody else unless `seq` is given. */
export function sampleMessage(
  offset: number,
  more: { seq?: number; re?: number; text?: string } = {},
): Message {
  const author = more.seq === undefined ? OTHER : SELF;
  return {
    offset,
    from: author.identity,
    producer: author.producer,
    seq: more.seq ?? offset,
    at: STARTED_AT + offset * 1_000,
    body: { text: more.text ?? `message ${offset}`, name: "Ada" },
    ...(more.re === undefined ? {} : { re: more.re }),
  };
}

/** A room's log as a server holds it, small enough to be looked at. */
export class SampleLog {
  epoch = EPOCH;
  earliest = 1;
  messages: Message[] = [];

  get head(): number {
    return this.messages.at(-1)?.offset ?? 0;
  }

  append(count: number, skip = 1, re?: number): readonly Message[] {
    const added: Message[] = [];
    for (let i = 0; i < count; i++) {
      const message = sampleMessage(this.head + skip, re === undefined ? {} : { re });
      this.messages.push(message);
      added.push(message);
    }
    return added;
  }

  /** What is still kept behind `after`. */
  behind(after: number): readonly Message[] {
    return this.messages.filter(({ offset }) => offset > after && offset >= this.earliest);
  }

  /** A page of history; `maxMessages` stands for the bytes at which a page ends. */
  page(before: number, limit: number, maxMessages = limit): HistoryPageFrame {
    const older = this.behind(0).filter(({ offset }) => offset < before);
    const messages = older.slice(-Math.min(limit, maxMessages));
    const more = older.length > messages.length;
    const { epoch, earliest } = this;
    return { type: "history", id: 1, room: "lobby", epoch, earliest, messages, more };
  }

  subscribed(after: number, more: Partial<SubscribedFrame> = {}): SubscribedFrame {
    const { epoch, head, earliest } = this;
    return {
      type: "subscribed",
      room: "lobby",
      epoch,
      after,
      head,
      earliest,
      lost: null,
      skipped: null,
      ...more,
    };
  }
}
