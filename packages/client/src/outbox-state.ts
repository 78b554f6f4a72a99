import type { ClientEffect, Failure, Outcome, Published } from "./effects.ts";
import { viewItem, type OutboxItem, type PendingPublish } from "./outbox-item.ts";
import type { Settling } from "./settle.ts";

/** What an outbox holds; `outbox.ts` says what happens to it. */
export interface Outbox {
  readonly room: string;
  readonly producer: string;
  readonly limits: OutboxLimits;
  items: OutboxItem[];
  bytes: number;
  nextSeq: number;
  /** The newest own seq that the server's history is known to hold: what the first item relies on. */
  reliesOn: number;
  /** Items before it were sent on this connection. */
  sendIndex: number;
  inFlight: number;
  /**
   * Publishes of this room that may be under way at a time. A refusal for now makes it 1 and acks
   * widen it, so that a rate is met with about as many refusals as acks, not with a whole window of them.
   */
  window: number;
  isRewinding: boolean;
  /** The `retry` timer runs. */
  isWaiting: boolean;
  /** No item goes out before this moment. */
  retryAtMs: number;
  /** Rewinds since the last ack. */
  rewinds: number;
  /** The server does not know this producer any more: settle once all is answered. */
  mustSettle: boolean;
  settling: Settling | null;
  /** Who the server last took this client to be. */
  identity: string | null;
}

export interface OutboxLimits {
  readonly maxCount: number;
  readonly maxBytes: number;
}

export function newOutbox(room: string, producer: string, limits: OutboxLimits): Outbox {
  return {
    room,
    producer,
    limits,
    items: [],
    bytes: 0,
    nextSeq: 1,
    reliesOn: 0,
    sendIndex: 0,
    inFlight: 0,
    window: Infinity,
    isRewinding: false,
    isWaiting: false,
    retryAtMs: 0,
    rewinds: 0,
    mustSettle: false,
    settling: null,
    identity: null,
  };
}

export function viewOutbox(outbox: Outbox): readonly PendingPublish[] {
  return outbox.items.map(viewItem);
}

/** The name of the timer whose end is a `retry`. */
export function outboxTimer(outbox: Outbox): string {
  return `outbox/${outbox.room}`;
}

/** Takes an item out and tells its promise. */
export function settleItem(
  outbox: Outbox,
  item: OutboxItem,
  outcome: Outcome<Published>,
  effects: ClientEffect[],
): void {
  const index = outbox.items.indexOf(item);
  if (index < 0) return;
  outbox.items.splice(index, 1);
  if (index < outbox.sendIndex) outbox.sendIndex -= 1;
  if (item.isInFlight) outbox.inFlight -= 1;
  outbox.bytes -= item.body.bytes;
  effects.push({ kind: "published", ticket: item.ticket, outcome });
}

/** Ends an item without success: its promise rejects, and it stays visible among the refused. */
export function refuseItem(
  outbox: Outbox,
  item: OutboxItem,
  failure: Failure,
  effects: ClientEffect[],
): void {
  const { id, seq, body, re } = viewItem(item);
  settleItem(outbox, item, { ok: false, failure }, effects);
  const { code, message } = failure;
  const refused = { id, seq, body, ...(re === undefined ? {} : { re }), code, message };
  effects.push({ kind: "room", room: outbox.room, notice: { name: "refused", refused } });
}

/** The outbox of the room is not what it was. */
export function notifyOutbox(outbox: Outbox, effects: ClientEffect[]): void {
  effects.push({ kind: "room", room: outbox.room, notice: { name: "outbox" } });
}
