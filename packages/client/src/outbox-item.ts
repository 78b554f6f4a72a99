import type { Position } from "@parlor/protocol";
import type { CheckedBody } from "./publish-body.ts";

/** One publish that is not answered for good yet. */
export interface OutboxItem {
  /** Names it within this client, for its promise and for lists on a screen. */
  readonly ticket: number;
  readonly seq: number;
  readonly body: CheckedBody;
  readonly re: number | undefined;
  /** The identity of the connection that sent it last; null while it was never sent. */
  sentAs: string | null;
  /** Where the room stood, as far as known, when it was first sent: its message can only come behind. */
  sentBehind: Position | null;
  isInFlight: boolean;
  /** A connection ended with it in flight: it may be stored, and it may not. */
  isUncertain: boolean;
  /** The newest temporary refusal. */
  refusal: { readonly code: string; readonly message: string } | null;
}

/** An outbox's item as applications see it. */
export interface PendingPublish {
  /** Unique within this client, and the same from `publish` to the end. */
  readonly id: number;
  readonly seq: number;
  readonly body: unknown;
  readonly re?: number | undefined;
  /**
   * waiting: not under way now. sent: under way, unanswered. refused: not taken for now (a rate, a
   * full disk); it is sent again by itself.
   */
  readonly state: "waiting" | "sent" | { readonly refused: string; readonly message: string };
  /** A connection ended while it was under way: the server may have it. It is never stored twice. */
  readonly mayBeStored: boolean;
}

export function viewItem(item: OutboxItem): PendingPublish {
  return {
    id: item.ticket,
    seq: item.seq,
    body: JSON.parse(item.body.json) as unknown,
    ...(item.re === undefined ? {} : { re: item.re }),
    state: item.isInFlight
      ? "sent"
      : item.refusal === null
        ? "waiting"
        : { refused: item.refusal.code, message: item.refusal.message },
    mayBeStored: item.isUncertain || item.isInFlight,
  };
}

/** The frame, around a body that is JSON text already. */
export function encodePublish(room: string, item: OutboxItem, afterSeq: number): string {
  const relies = afterSeq === item.seq - 1 ? "" : `,"afterSeq":${afterSeq}`;
  const re = item.re === undefined ? "" : `,"re":${item.re}`;
  return `{"type":"publish","room":${JSON.stringify(room)},"seq":${item.seq}${relies}${re},"body":${item.body.json}}`;
}
