import { MAX_UNEXPLAINED } from "./bounds.ts";
import {
  encodeFrame,
  type ErrorFrame,
  type Message,
  type MessagesFrame,
  type Position,
  type SubscribedFrame,
  type SubscribeFrame,
  type UnsubscribedFrame,
} from "@parlor/protocol";
import type { Failure } from "./effects.ts";
import { isTemporary } from "./reconnect.ts";
import type { Turn } from "./turn.ts";

/** How the application wants a room. */
export interface Wanted {
  /** Join with the newest so many; 0 to 500. Used until there is a position to go on from. */
  readonly last?: number | undefined;
  /** Begin no further back than the newest so many, at each resume too. */
  readonly atMost?: number | undefined;
  /** Go on behind this position; with an empty epoch in whatever history there is. */
  readonly from?: Position | undefined;
}

/** What parts that not every page loads ask of the room's subscriptions. */
export type Asks = Pick<SubscribeFrame, "presence" | "signals" | "heard" | "state">;

/**
 * The cursor: what this client has taken of one room, and the chain that proves that nothing is missing.
 *
 *     … 117  118  119 │ 120  121  122 …          position = 119, chain = 119: the next frame follows 119
 *                position                       after a restart behind 117: position = 119, chain = 117
 *
 * `position` is the last message delivered; it only rises within an epoch, so nothing is delivered
 * twice. `chain` is the offset that the next `messages` frame must follow; a frame that follows another
 * one shows a hole, and the client asks again from `position`, so nothing is skipped. Between the two
 * lie messages that come again after a restart of the chain, and are not delivered again.
 *
 * Owns:     position, chain, and whether the room is wanted.
 * Must not: deliver what does not follow, or move `position` over a stretch without saying so.
 *
 * Rules: docs/protocol.md [CHAIN-…], [LOST-…].
 */
export class Cursor {
  position: Position | null = null;
  head: number | null = null;
  /** null where the application does not want the room. */
  wanted: Wanted | null = null;
  /** What else its subscriptions ask for: members of `subscribe`, as they are (asks.ts). */
  asks: Asks = {};
  /** The same on a connection that had an answer already. */
  asksAgain: Asks = {};
  /** The question at the end of the last wish for the room. */
  dropped = "";
  readonly room: string;
  /** Its end is a `resume`. */
  readonly timer: string;
  readonly #turn: Turn;
  /** off: the server was not asked. asking: it was, and has not answered. chained: `#chain` holds. */
  #phase: "off" | "asking" | "chained" = "off";
  #chain = 0;
  /** The head when the chain started: what lies behind it was written since, and is live. */
  #liveAfter = 0;
  /** Restarts in a row that did not follow the position and did not say why. */
  #unexplained = 0;
  /** Of the position in the last question; "" where it named none. */
  #askedEpoch = "";
  /** Temporary refusals in a row. */
  #refusals = 0;

  constructor(room: string, turn: Turn) {
    this.room = room;
    this.timer = `subscribe/${room}`;
    this.#turn = turn;
  }

  /** `from` or `last` starts anew; with neither it goes on from the position, where there is one. */
  subscribe(wanted: Wanted, isLinked: boolean): void {
    if (this.wanted !== null) return;
    this.wanted = wanted;
    if (wanted.from !== undefined || wanted.last !== undefined) this.position = wanted.from ?? null;
    if (isLinked) this.#ask();
  }

  /** Whether the server was asked for it. */
  get isGoing(): boolean {
    return this.#phase !== "off";
  }

  /** The text that asks for the room from where it stands here; null where it is not wanted. */
  get question(): string | null {
    return this.#question(this.asks);
  }

  #question(asks: Asks): string | null {
    const { room, position, wanted } = this;
    if (wanted === null) return null;
    return encodeFrame(
      position === null
        ? { type: "subscribe", room, last: wanted.last ?? 0, ...asks }
        : {
            type: "subscribe",
            room,
            epoch: position.epoch || undefined,
            after: position.offset,
            atMost: wanted.atMost,
            ...asks,
          },
    );
  }

  /** A connection has begun with these texts; since they were asked for the room may be wanted otherwise. */
  opened(opening: readonly string[]): void {
    const { question, room } = this;
    if (question === null) {
      if (opening.includes(this.dropped)) this.#turn.send({ type: "unsubscribe", room });
    } else if (opening.includes(question)) this.#asking();
    else this.#ask();
  }

  /** Asks the server, where the room is wanted and it was not asked. */
  resume(): void {
    if (this.wanted !== null && !this.isGoing) this.#ask();
  }

  unlink(): void {
    this.#phase = "off";
    this.#turn.cancel(this.timer);
  }

  subscribed(frame: SubscribedFrame): void {
    if (this.wanted === null) return;
    const { position } = this;
    const { epoch, after, lost, skipped } = frame;
    let gone = lost;
    // A history that is told as lost, though the position is in it, was lost to an earlier question of this room:
    // its answer came to a later one, and the position has moved on since.
    // So it was where the last question was of another history; else the position was, and lies behind the end.
    const isOfAnother = this.#askedEpoch !== "" && this.#askedEpoch !== epoch;
    const isLost = !isOfAnother && lost !== null && "epoch" in lost && (position?.offset ?? 0) > frame.head;
    if (position !== null && ((position.epoch || epoch) !== epoch || isLost)) {
      gone = { epoch: true };
    } else if (position !== null && after <= position.offset) {
      gone = null;
    } else if (position !== null && lost === null && skipped === null) {
      // The chain would start behind messages that were never delivered here.
      this.#unexplained += 1;
      if (this.#unexplained <= MAX_UNEXPLAINED) return this.#ask();
      gone = { from: position.offset + 1, to: after };
    }
    // Each request of a transport that is made of them says where its chain starts. Where the chain that
    // there is goes on so, nothing has happened, and what comes behind it is as live as it would have been.
    const isContinued =
      this.#phase === "chained" && after === this.#chain && gone === null && skipped === null;
    const isAnew = position === null || gone !== null;
    this.position = { epoch, offset: isAnew ? after : Math.max(after, position.offset) };
    this.#phase = "chained";
    this.#chain = after;
    this.head = frame.head;
    this.#unexplained = this.#refusals = 0;
    if (isContinued) return;
    this.#liveAfter = frame.head;
    if (gone !== null) this.#turn.tell(this.room, { name: "lost", value: gone });
    if (skipped !== null) this.#turn.tell(this.room, { name: "skipped", value: skipped });
    this.#turn.tell(this.room, { name: "subscribed", value: { ...frame, lost: gone } });
  }

  messages({ after, messages }: MessagesFrame): void {
    // While the server was asked and has not answered, what comes belongs to the chain that broke.
    if (this.#phase !== "chained" || this.position === null) return;
    if (after !== this.#chain) return this.#ask();
    const { epoch, offset } = this.position;
    this.#chain = messages.at(-1)?.offset ?? after;
    this.head = Math.max(this.head ?? 0, this.#chain);
    this.position = { epoch, offset: Math.max(offset, this.#chain) };
    // A frame may hold the end of what was missed and the first of what is live; listeners that
    // announce live messages must be able to tell them apart.
    const fresh = messages.filter((message) => message.offset > offset);
    const isPast = (message: Message): boolean => message.offset <= this.#liveAfter;
    this.#deliver(fresh.filter(isPast), false);
    this.#deliver(
      fresh.filter((message) => !isPast(message)),
      true,
    );
  }

  unsubscribed({ code, message }: UnsubscribedFrame): void {
    // Without a code it confirms an `unsubscribe` of this client, which may want the room again by now.
    if (code !== undefined) this.#end({ code, message: message ?? "The subscription was ended." });
  }

  refused(error: ErrorFrame): void {
    if (!isTemporary(error.code)) return this.#end(error);
    this.#phase = "off";
    this.#refusals += 1;
    this.#turn.timer(this.timer, this.#turn.delayMs(this.#refusals, error));
  }

  #asking(): void {
    this.#phase = "asking";
    this.#askedEpoch = this.position?.epoch ?? "";
  }

  #ask(): void {
    this.#asking();
    // Answers to an earlier question on this connection may be on their way: a list that is told whole is right
    // behind any of them, and what changed since a version only behind that one.
    this.#turn.send(this.#question(this.asksAgain) ?? "");
  }

  #deliver(messages: readonly Message[], live: boolean): void {
    if (messages.length > 0) this.#turn.tell(this.room, { name: "messages", messages, live });
  }

  #end({ code, message }: Failure): void {
    if (this.wanted === null) return;
    this.wanted = null;
    this.#phase = "off";
    this.#turn.tell(this.room, { name: "unsubscribed", value: { code, message } });
  }
}
