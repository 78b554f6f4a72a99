import { encodeFrame, type HistoryPageFrame } from "@parlor/protocol";
import type { ClientEffect, Failure } from "./effects.ts";

/**
 * Questions for pages of history: each has an id, a bounded number is under way, and since reading
 * changes nothing, what a lost connection left unanswered is asked again on the next.
 */
export interface HistoryRequests {
  /** By id, in the order in which they were asked. */
  readonly pending: Map<number, HistoryRequest>;
  nextId: number;
  inFlight: number;
}

export interface HistoryRequest {
  readonly query: HistoryQuery;
  readonly owner: HistoryOwner;
  isInFlight: boolean;
}

/** Who gets the page: a promise, or the outbox of the room, which settles. */
export type HistoryOwner = { readonly kind: "caller"; readonly ticket: number } | { readonly kind: "outbox" };

export interface HistoryQuery {
  readonly room: string;
  /** Messages with a smaller offset; without it the newest. */
  readonly before?: number | undefined;
  /** 1 to 500. @default 50 */
  readonly limit?: number | undefined;
  /** Also the later messages whose `re` lies in the page. */
  readonly related?: boolean | undefined;
}

/** A server answers pages one after the other; more under way would only fill its send buffer. */
const MAX_IN_FLIGHT = 8;
const MAX_PENDING = 256;
const MAX_ID = 2 ** 31 - 1;

export function newHistoryRequests(): HistoryRequests {
  return { pending: new Map(), nextId: 1, inFlight: 0 };
}

export function addHistoryRequest(
  requests: HistoryRequests,
  query: HistoryQuery,
  owner: HistoryOwner,
  effects: ClientEffect[],
): void {
  if (owner.kind === "caller" && requests.pending.size >= MAX_PENDING) {
    const message = `${MAX_PENDING} pages of history are asked for and not answered; no more are taken.`;
    failRequest(owner, { code: "unavailable", message }, effects);
    return;
  }
  while (requests.pending.has(requests.nextId)) requests.nextId = (requests.nextId % MAX_ID) + 1;
  requests.pending.set(requests.nextId, { query, owner, isInFlight: false });
  requests.nextId = (requests.nextId % MAX_ID) + 1;
}

/** Sends what may go out now. */
export function pumpHistory(requests: HistoryRequests, effects: ClientEffect[]): void {
  if (requests.inFlight >= MAX_IN_FLIGHT || requests.inFlight >= requests.pending.size) return;
  for (const [id, request] of requests.pending) {
    if (requests.inFlight >= MAX_IN_FLIGHT) return;
    if (request.isInFlight) continue;
    request.isInFlight = true;
    requests.inFlight += 1;
    effects.push({ kind: "send", text: encodeFrame({ type: "history", id, ...request.query }) });
  }
}

/** The connection is gone, and with it the answers that were under way. */
export function unlinkHistory(requests: HistoryRequests): void {
  for (const request of requests.pending.values()) request.isInFlight = false;
  requests.inFlight = 0;
}

/** Takes the question that an answer belongs to; undefined where nobody asked it. */
export function takeHistoryRequest(requests: HistoryRequests, id: number): HistoryRequest | undefined {
  const request = requests.pending.get(id);
  if (request === undefined) return undefined;
  requests.pending.delete(id);
  if (request.isInFlight) requests.inFlight -= 1;
  return request;
}

export function answerRequest(
  owner: HistoryOwner & { kind: "caller" },
  page: HistoryPageFrame,
  effects: ClientEffect[],
): void {
  effects.push({ kind: "read", ticket: owner.ticket, outcome: { ok: true, value: page } });
}

export function failRequest(
  owner: HistoryOwner & { kind: "caller" },
  failure: Failure,
  effects: ClientEffect[],
): void {
  effects.push({ kind: "read", ticket: owner.ticket, outcome: { ok: false, failure } });
}

/** The client is closed: every question is over. */
export function endHistory(requests: HistoryRequests, failure: Failure, effects: ClientEffect[]): void {
  for (const { owner } of requests.pending.values()) {
    if (owner.kind === "caller") failRequest(owner, failure, effects);
  }
  requests.pending.clear();
  requests.inFlight = 0;
}
