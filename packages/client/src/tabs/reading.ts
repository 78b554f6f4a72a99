import type { Lost, Message, Position, SubscribeFrame } from "@parlor/protocol";
import type { CodedError } from "@parlor/base";
import type { ClientRoom } from "../room.ts";

/** Who reads a room through the hub. */
export interface Reader {
  /** Sends a text down; fulfils when there is room for more. */
  say(text: string): Promise<void>;
  readonly isGone: AbortSignal;
}

/** Messages of one frame: what is at hand goes together, at most 256 Ki characters of bodies of the largest size. */
const MAX_TOGETHER = 4;

/**
 * One tab's subscription of one room: the answer to its `subscribe`, and then the chain of `messages` that
 * follows its cursor, whatever the other tabs have.
 *
 * The hub itself hears the room from its head on. What a tab wants of before is read from the history, and
 * spliced to the live end by the room's own iteration (message-iterator.ts), which gives each message once, in
 * order, at the tab's pace; so there is one proof for both.
 *
 * Must not: say a `messages` frame that does not follow the one before.
 */
export class Reading {
  readonly #room: ClientRoom;
  readonly #reader: Reader;
  readonly #question: SubscribeFrame;
  /** The last that was said; what follows it has this in `after`. */
  #place: Position = { epoch: "", offset: 0 };
  #earliest = 1;

  constructor(room: ClientRoom, reader: Reader, question: SubscribeFrame) {
    this.#room = room;
    this.#reader = reader;
    this.#question = question;
  }

  /** Until the tab is gone or the room's subscription has ended. @param isKnown fulfils when the server has told the room's head */
  async run(isKnown: Promise<void>): Promise<void> {
    const { after, last } = this.#question;
    // Both are on their way at once.
    const newest = after === undefined && (last ?? 0) > 0 ? this.#newest(last ?? 0) : null;
    newest?.catch(() => undefined);
    await isKnown;
    // What was said since the page was read empty is behind it, though the server's head has it by now.
    if (newest !== null) await this.#begin(await newest, this.#earliest - 1);
    else if (after === undefined) await this.#begin([], this.#room.cursor?.offset ?? 0);
    else await this.#resume({ epoch: this.#question.epoch ?? this.#epoch, offset: after });
    await this.#follow();
  }

  get #epoch(): string {
    return this.#room.cursor?.epoch ?? "";
  }

  async #begin(messages: readonly Message[], offsetOfNone: number): Promise<void> {
    const [first] = messages;
    const offset = first === undefined ? offsetOfNone : first.offset - 1;
    await this.#start({ epoch: this.#epoch, offset }, null, null);
    if (messages.length > 0) await this.#say(messages);
  }

  async #resume(from: Position): Promise<void> {
    const { atMost } = this.#question;
    const head = this.#room.head ?? 0;
    const start = atMost === undefined || head - from.offset <= atMost ? null : await this.#before(atMost);
    const isSkipped = start !== null && from.epoch === this.#epoch && start > from.offset;
    if (isSkipped) await this.#start({ ...from, offset: start }, null, { from: from.offset + 1, to: start });
    else await this.#start(from, null, null);
  }

  async #follow(): Promise<void> {
    const told: Lost[] = [];
    let hear = (): void => undefined;
    const messages = this.#room.messages({
      from: this.#place,
      signal: this.#reader.isGone,
      onLost: (lost) => {
        told.push(lost);
        if (this.#isAll(told)) hear();
      },
    });
    let gathered: Message[] = [];
    const flush = async (): Promise<void> => {
      const all = gathered;
      gathered = [];
      if (all.length > 0) await this.#say(all);
    };
    let next = messages.next();
    for (;;) {
      const isReady = await Promise.race([next.then(() => true), nothing()]);
      // Who waits must not keep what is at hand from the tab.
      if (!isReady || gathered.length >= MAX_TOGETHER) await flush();
      // Else it would be told with the message behind it, and another history may be empty.
      const heard = new Promise<null>((resolve) => (hear = () => resolve(null)));
      const item = !isReady && this.#isAll(told) ? null : await Promise.race([next, heard]);
      const lost = told.splice(0);
      const [first] = lost;
      if (first !== undefined) {
        await flush();
        // Another history, of which the beginning is not kept either, is one loss.
        const to = lostTo(lost);
        await this.#start({ epoch: this.#epoch, offset: to }, first, null);
      }
      if (item === null) continue;
      if (item.done === true) return await flush();
      gathered.push(item.value);
      next = messages.next();
    }
  }

  /** Something is lost, and nothing that is kept comes behind it. */
  #isAll(lost: readonly Lost[]): boolean {
    return lost.length > 0 && (this.#room.head ?? 0) <= lostTo(lost);
  }

  /** The offset before the newest so many messages. */
  async #before(count: number): Promise<number> {
    let left = count;
    let before: number | undefined;
    while (left > 0) {
      const page = await this.#room.history({ limit: Math.min(left, 500), before });
      const [first] = page.messages;
      if (first === undefined) return 0;
      before = first.offset;
      left -= page.messages.length;
      if (!page.more) return page.earliest - 1;
    }
    return (before ?? 1) - 1;
  }

  async #newest(count: number): Promise<readonly Message[]> {
    let page = await this.#room.history({ limit: count });
    this.#earliest = page.earliest;
    let { messages } = page;
    while (page.more && messages.length < count && page.messages.length > 0) {
      page = await this.#room.history({ before: messages[0]?.offset, limit: count - messages.length });
      messages = [...page.messages, ...messages];
    }
    return messages;
  }

  async #start(
    place: Position,
    lost: Lost | null,
    skipped: { from: number; to: number } | null,
  ): Promise<void> {
    this.#place = place;
    const { epoch, offset: after } = place;
    const head = Math.max(this.#room.head ?? 0, after);
    const { room } = this.#question;
    await this.#reader.say(
      JSON.stringify({
        type: "subscribed",
        room,
        epoch,
        after,
        head,
        earliest: this.#earliest,
        lost,
        skipped,
      }),
    );
  }

  async #say(messages: readonly Message[]): Promise<void> {
    const { epoch, offset: after } = this.#place;
    this.#place = { epoch, offset: messages.at(-1)?.offset ?? after };
    await this.#reader.say(JSON.stringify({ type: "messages", room: this.#question.room, after, messages }));
  }
}

/** The last offset that is lost; 0 where all that is known is that the history is another. */
function lostTo(lost: readonly Lost[]): number {
  return lost.reduce((newest, one) => ("epoch" in one ? newest : one.to), 0);
}

/** What the server said to a question that it did not take. */
export function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  const { code = "internal", message = String(error) } = (error ?? {}) as Partial<CodedError>;
  return { code, message };
}

/** In a moment that is later than all that is at hand. */
async function nothing(): Promise<false> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  return false;
}
