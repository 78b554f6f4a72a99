import {
  encodeFrame,
  type ErrorFrame,
  type MessagesFrame,
  type Position,
  type SubscribedFrame,
  type SubscribeFrame,
  type UnsubscribedFrame,
} from "@parlor/protocol";
import type { ClientEffect, Failure, RoomNotice, StepInputs } from "./effects.ts";
import { isTemporary, retryAfterOf, retryDelayMs } from "./reconnect.ts";

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
export interface Cursor {
  readonly room: string;
  /** How the application wants the room; null where it does not. */
  wanted: Wanted | null;
  position: Position | null;
  head: number | null;
  /** off: the server was not asked. asking: it was, and has not answered. chained: `chain` holds. */
  phase: "off" | "asking" | "chained";
  chain: number;
  /** The head when the chain started: what lies behind it was written since, and is live. */
  liveAfter: number;
  /** Restarts in a row that did not follow the position and did not say why. */
  unexplained: number;
  /** Temporary refusals in a row. */
  refusals: number;
}

export interface Wanted {
  /** Join with the newest so many; 0 to 500. Used until there is a position to go on from. */
  readonly last?: number | undefined;
  /** Begin no further back than the newest so many, at each resume too. */
  readonly atMost?: number | undefined;
}

export type CursorEvent =
  /** `from` or `last` starts anew; neither goes on from the position, where there is one. */
  | {
      readonly kind: "subscribe";
      readonly wanted: Wanted;
      readonly from: Position | undefined;
      readonly isLinked: boolean;
    }
  | { readonly kind: "unsubscribe"; readonly isLinked: boolean }
  | { readonly kind: "linked" }
  | { readonly kind: "unlinked" }
  | { readonly kind: "subscribed"; readonly frame: SubscribedFrame }
  | { readonly kind: "messages"; readonly frame: MessagesFrame }
  | { readonly kind: "unsubscribed"; readonly frame: UnsubscribedFrame }
  | { readonly kind: "refused"; readonly error: ErrorFrame }
  | { readonly kind: "retry" };

/** A restart that leaves a hole without a word is asked for again this often; then the hole is told as lost. */
const MAX_UNEXPLAINED = 3;

export function newCursor(room: string): Cursor {
  return {
    room,
    wanted: null,
    position: null,
    head: null,
    phase: "off",
    chain: 0,
    liveAfter: 0,
    unexplained: 0,
    refusals: 0,
  };
}

export function stepCursor(
  cursor: Cursor,
  event: CursorEvent,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  switch (event.kind) {
    case "subscribe":
      if (cursor.wanted !== null) return;
      cursor.wanted = event.wanted;
      if (event.from !== undefined) cursor.position = event.from;
      else if (event.wanted.last !== undefined) cursor.position = null;
      if (event.isLinked) ask(cursor, effects);
      return;
    case "unsubscribe":
      return leave(cursor, event.isLinked, effects);
    case "linked":
    case "retry":
      if (cursor.wanted !== null && cursor.phase === "off") ask(cursor, effects);
      return;
    case "unlinked":
      cursor.phase = "off";
      effects.push({ kind: "cancel", name: retryTimer(cursor) });
      return;
    case "subscribed":
      return takeSubscribed(cursor, event.frame, effects);
    case "messages":
      return takeMessages(cursor, event.frame, effects);
    case "unsubscribed":
      return takeUnsubscribed(cursor, event.frame, effects);
    case "refused":
      return takeRefusal(cursor, event.error, inputs, effects);
  }
}

/** The name of the timer whose end is a `retry`. */
export function retryTimer(cursor: Cursor): string {
  return `subscribe/${cursor.room}`;
}

function ask(cursor: Cursor, effects: ClientEffect[]): void {
  const { room, position, wanted } = cursor;
  const frame: SubscribeFrame =
    position === null
      ? { type: "subscribe", room, last: wanted?.last ?? 0 }
      : { type: "subscribe", room, epoch: position.epoch, after: position.offset, atMost: wanted?.atMost };
  cursor.phase = "asking";
  effects.push({ kind: "send", text: encodeFrame(frame) });
}

function leave(cursor: Cursor, isLinked: boolean, effects: ClientEffect[]): void {
  if (cursor.wanted === null) return;
  cursor.wanted = null;
  if (isLinked && cursor.phase !== "off") {
    effects.push({ kind: "send", text: encodeFrame({ type: "unsubscribe", room: cursor.room }) });
  }
  cursor.phase = "off";
  effects.push({ kind: "cancel", name: retryTimer(cursor) });
}

function takeSubscribed(cursor: Cursor, frame: SubscribedFrame, effects: ClientEffect[]): void {
  if (cursor.wanted === null) return;
  const { position } = cursor;
  const isNewHistory =
    position !== null && (position.epoch !== frame.epoch || (frame.lost !== null && "epoch" in frame.lost));
  const isExplained = frame.lost !== null || frame.skipped !== null;

  if (position === null || isNewHistory) {
    cursor.position = { epoch: frame.epoch, offset: frame.after };
    if (isNewHistory) notify(cursor, { name: "lost", lost: { epoch: true } }, effects);
  } else if (frame.after > position.offset) {
    // The chain would start behind messages that were never delivered here.
    if (!isExplained && cursor.unexplained < MAX_UNEXPLAINED) {
      cursor.unexplained += 1;
      ask(cursor, effects);
      return;
    }
    cursor.position = { epoch: frame.epoch, offset: frame.after };
    const lost = isExplained ? frame.lost : { from: position.offset + 1, to: frame.after };
    if (lost !== null) notify(cursor, { name: "lost", lost }, effects);
  }
  if (frame.skipped !== null) notify(cursor, { name: "skipped", skipped: frame.skipped }, effects);

  cursor.phase = "chained";
  cursor.chain = frame.after;
  cursor.head = frame.head;
  cursor.liveAfter = frame.head;
  cursor.unexplained = 0;
  cursor.refusals = 0;
  notify(cursor, { name: "subscribed", frame }, effects);
}

function takeMessages(cursor: Cursor, frame: MessagesFrame, effects: ClientEffect[]): void {
  // While the server was asked and has not answered, what comes belongs to the chain that broke.
  if (cursor.wanted === null || cursor.phase !== "chained" || cursor.position === null) return;
  if (frame.after !== cursor.chain) return ask(cursor, effects);

  const newest = frame.messages.at(-1)?.offset;
  if (newest === undefined) return;
  cursor.chain = newest;
  if (cursor.head === null || newest > cursor.head) cursor.head = newest;

  const taken = cursor.position.offset;
  if (newest <= taken) return;
  cursor.position = { epoch: cursor.position.epoch, offset: newest };
  const fresh = frame.messages.filter((message) => message.offset > taken);
  // A frame may hold the end of what was missed and the first of what is live; listeners that
  // announce live messages must be able to tell them apart.
  const past = fresh.filter((message) => message.offset <= cursor.liveAfter);
  const live = past.length === 0 ? fresh : fresh.slice(past.length);
  if (past.length > 0) notify(cursor, { name: "messages", messages: past, live: false }, effects);
  if (live.length > 0) notify(cursor, { name: "messages", messages: live, live: true }, effects);
}

function takeUnsubscribed(cursor: Cursor, frame: UnsubscribedFrame, effects: ClientEffect[]): void {
  // Without a code it confirms an `unsubscribe` of this client, which may want the room again by now.
  if (frame.code === undefined) return;
  end(cursor, { code: frame.code, message: frame.message ?? "The subscription was ended." }, effects);
}

function takeRefusal(cursor: Cursor, error: ErrorFrame, inputs: StepInputs, effects: ClientEffect[]): void {
  if (!isTemporary(error.code)) return end(cursor, error, effects);
  if (cursor.wanted === null) return;
  cursor.phase = "off";
  cursor.refusals += 1;
  const afterMs = retryDelayMs(cursor.refusals, retryAfterOf(error.retryAfterMs), inputs.random);
  effects.push({ kind: "timer", name: retryTimer(cursor), afterMs });
}

function end(cursor: Cursor, failure: Failure, effects: ClientEffect[]): void {
  if (cursor.wanted === null) return;
  cursor.wanted = null;
  cursor.phase = "off";
  const { code, message } = failure;
  notify(cursor, { name: "unsubscribed", failure: { code, message } }, effects);
}

function notify(cursor: Cursor, notice: RoomNotice, effects: ClientEffect[]): void {
  effects.push({ kind: "room", room: cursor.room, notice });
}
