import type { AckFrame, HistoryPageFrame, Position } from "@parlor/protocol";
import type { ClientEffect, Failure, StepInputs } from "./effects.ts";
import { encodePublish } from "./outbox-item.ts";
import { notifyOutbox, outboxTimer, refuseItem, settleItem, type Outbox } from "./outbox-state.ts";
import type { CheckedBody } from "./publish-body.ts";
import { retryDelayMs } from "./reconnect.ts";
import { takeRefusal, type Refusal } from "./refusal.ts";
import { readPage, startSettling } from "./settle.ts";

/**
 * The outbox of one room: publishes that are not answered for good yet, in order.
 *
 *     reliesOn = 4     items:  5    6    7  │  8    9
 *     acked            sent, in flight ─────┘  sendIndex: the next to go out
 *
 * Each publish names the one before it (`afterSeq`), so the server stores them in order or not at all.
 * When one is not taken, those behind it are not taken either: the outbox *rewinds*. It waits until all
 * that is in flight is answered, so that no answer is mistaken for that of a later sending, then sends
 * again from the first that is left. A lost connection is the same without the waiting.
 *
 * Owns:     the items, their order, what is in flight, when to send again.
 * Leaves:   whether there is a connection and how much may be in flight on it (client-core.ts).
 * Must not: send a seq again after its permanent refusal, or jump over one that has none.
 *
 * Rules: docs/protocol.md [ONCE-…].
 */
/** For each ack: slow enough that one ack between two refusals for now does not widen the window. */
const WINDOW_GROWTH = 0.5;

export type OutboxEvent =
  | {
      readonly kind: "publish";
      readonly ticket: number;
      readonly body: CheckedBody;
      readonly re: number | undefined;
    }
  | { readonly kind: "linked"; readonly identity: string }
  | { readonly kind: "unlinked" }
  | { readonly kind: "ack"; readonly frame: AckFrame; readonly epoch: string }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "retry" }
  | { readonly kind: "page"; readonly page: HistoryPageFrame }
  | {
      readonly kind: "page-failed";
      readonly isTemporary: boolean;
      readonly retryAfterMs: number | undefined;
    }
  /** The client is closed: nothing goes out any more. */
  | { readonly kind: "end"; readonly failure: Failure };

export function stepOutbox(
  outbox: Outbox,
  event: OutboxEvent,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  switch (event.kind) {
    case "publish":
      return add(outbox, event.ticket, event.body, event.re, effects);
    case "linked":
      return link(outbox, event.identity);
    case "unlinked":
      return unlink(outbox, effects);
    case "ack":
      return takeAck(outbox, event.frame, event.epoch, inputs, effects);
    case "refused":
      takeRefusal(outbox, event.refusal, inputs, effects);
      rewindWhenAnswered(outbox, inputs, effects);
      return notifyOutbox(outbox, effects);
    case "retry":
      outbox.isWaiting = false;
      return;
    case "page":
      return takePage(outbox, event.page, effects);
    case "page-failed":
      if (!event.isTemporary) return finishSettling(outbox, false, effects);
      if (outbox.settling !== null) outbox.settling.isAsked = false;
      outbox.rewinds += 1;
      return wait(outbox, retryDelayMs(outbox.rewinds, event.retryAfterMs, inputs.random), effects);
    case "end":
      return end(outbox, event.failure, effects);
  }
}

/** Whether `pumpOutbox` would send something. */
export function canSend(outbox: Outbox): boolean {
  return (
    outbox.sendIndex < outbox.items.length &&
    outbox.inFlight + 1 <= outbox.window &&
    !outbox.isRewinding &&
    !outbox.isWaiting &&
    outbox.settling === null
  );
}

/** Sends what may go out now, at most `budget` publishes. `known` is where the room stands here. */
export function pumpOutbox(
  outbox: Outbox,
  identity: string,
  known: Position | null,
  budget: number,
  effects: ClientEffect[],
): void {
  if (!canSend(outbox) || budget <= 0) return;
  outbox.identity = identity;
  const end = Math.min(
    outbox.items.length,
    outbox.sendIndex + Math.min(budget, Math.floor(outbox.window) - outbox.inFlight),
  );
  for (; outbox.sendIndex < end; outbox.sendIndex++) {
    const item = outbox.items[outbox.sendIndex];
    if (item === undefined) break;
    const afterSeq = outbox.items[outbox.sendIndex - 1]?.seq ?? outbox.reliesOn;
    if (item.sentAs === null) item.sentBehind = known;
    item.sentAs = identity;
    item.isInFlight = true;
    outbox.inFlight += 1;
    effects.push({ kind: "send", text: encodePublish(outbox.room, item, afterSeq) });
  }
  notifyOutbox(outbox, effects);
}

function add(
  outbox: Outbox,
  ticket: number,
  body: CheckedBody,
  re: number | undefined,
  effects: ClientEffect[],
): void {
  const { maxCount, maxBytes } = outbox.limits;
  if (outbox.items.length >= maxCount || outbox.bytes + body.bytes > maxBytes) {
    const message =
      `The outbox of this room is full: ${outbox.items.length} publishes with ${outbox.bytes} bytes ` +
      `wait for the server, and at most ${maxCount} with ${maxBytes} bytes may. Nothing was taken.`;
    effects.push({
      kind: "published",
      ticket,
      outcome: { ok: false, failure: { code: "unavailable", message } },
    });
    return;
  }
  outbox.items.push({
    ticket,
    seq: outbox.nextSeq,
    body,
    re,
    sentAs: null,
    sentBehind: null,
    isInFlight: false,
    isUncertain: false,
    refusal: null,
  });
  outbox.nextSeq += 1;
  outbox.bytes += body.bytes;
  notifyOutbox(outbox, effects);
}

function link(outbox: Outbox, identity: string): void {
  const isOther = outbox.identity !== null && outbox.identity !== identity;
  outbox.identity = identity;
  if (!isOther) return;
  // Seqs are counted per identity: to the server these publishes come from somebody new, and what the
  // former one may have stored can only be found by reading.
  outbox.reliesOn = 0;
  beginSettling(outbox);
}

function unlink(outbox: Outbox, effects: ClientEffect[]): void {
  for (const item of outbox.items) {
    if (item.isInFlight) item.isUncertain = true;
    item.isInFlight = false;
  }
  outbox.inFlight = 0;
  outbox.sendIndex = 0;
  outbox.isRewinding = false;
  outbox.mustSettle = false;
  outbox.retryAtMs = 0;
  outbox.isWaiting = false;
  effects.push({ kind: "cancel", name: outboxTimer(outbox) });
  if (outbox.items.length > 0) notifyOutbox(outbox, effects);
}

function takeAck(
  outbox: Outbox,
  frame: AckFrame,
  epoch: string,
  inputs: StepInputs,
  effects: ClientEffect[],
): void {
  const item = outbox.items.find((candidate) => candidate.seq === frame.seq);
  if (item === undefined) return;
  const offset = frame.offset ?? null;
  settleItem(outbox, item, { ok: true, value: { epoch, offset, seq: item.seq } }, effects);
  outbox.reliesOn = Math.max(outbox.reliesOn, item.seq);
  outbox.rewinds = 0;
  outbox.window += WINDOW_GROWTH;
  rewindWhenAnswered(outbox, inputs, effects);
  notifyOutbox(outbox, effects);
}

/** Once every answer is there, goes back to the first item that is left. */
function rewindWhenAnswered(outbox: Outbox, inputs: StepInputs, effects: ClientEffect[]): void {
  if (!outbox.isRewinding || outbox.inFlight > 0) return;
  outbox.isRewinding = false;
  outbox.sendIndex = 0;
  outbox.rewinds += 1;
  if (outbox.mustSettle) {
    outbox.mustSettle = false;
    outbox.reliesOn = 0;
    beginSettling(outbox);
  }
  // The first rewind needs no wait of its own: it usually follows a permanent refusal, over which the
  // next sending jumps. One that rewinds without any ack between must not do so hot.
  const ownMs = outbox.rewinds <= 1 ? 0 : retryDelayMs(outbox.rewinds - 1, undefined, inputs.random);
  const askedMs = outbox.retryAtMs - inputs.nowMs;
  outbox.retryAtMs = 0;
  const afterMs = Math.max(askedMs > 0 ? askedMs : ownMs, 0);
  if (afterMs > 0) wait(outbox, afterMs, effects);
}

function wait(outbox: Outbox, afterMs: number, effects: ClientEffect[]): void {
  outbox.isWaiting = true;
  effects.push({ kind: "timer", name: outboxTimer(outbox), afterMs });
}

function beginSettling(outbox: Outbox): void {
  if (outbox.settling !== null || !outbox.items.some((item) => item.isUncertain)) return;
  outbox.settling = startSettling(outbox.producer, outbox.items);
}

function takePage(outbox: Outbox, page: HistoryPageFrame, effects: ClientEffect[]): void {
  if (outbox.settling === null) return;
  const progress = readPage(outbox.settling, page);
  if (progress.kind === "done") finishSettling(outbox, progress.isWhole, effects);
}

function finishSettling(outbox: Outbox, isWhole: boolean, effects: ClientEffect[]): void {
  const { settling } = outbox;
  if (settling === null) return;
  outbox.settling = null;
  const epoch = settling.epoch ?? "";
  for (const item of settling.sought.values()) {
    const offset = settling.found.get(item);
    if (offset !== undefined) {
      settleItem(outbox, item, { ok: true, value: { epoch, offset, seq: item.seq } }, effects);
    } else if (isWhole) {
      item.isUncertain = false;
    } else {
      const message =
        "This message may have been stored, and it can't be found out any more: the server has " +
        "forgotten this sender, and the room's history can't be read back far enough.";
      refuseItem(outbox, item, { code: "unsettled", message }, effects);
    }
  }
  notifyOutbox(outbox, effects);
}

function end(outbox: Outbox, failure: Failure, effects: ClientEffect[]): void {
  unlink(outbox, effects);
  outbox.settling = null;
  for (const item of [...outbox.items]) {
    const fate = item.isUncertain ? "It may or may not have been stored." : "It was not stored.";
    const message = `${failure.message} ${fate}`;
    refuseItem(outbox, item, { code: failure.code, message }, effects);
  }
  notifyOutbox(outbox, effects);
}
