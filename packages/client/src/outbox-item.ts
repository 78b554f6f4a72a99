import type { Position } from "@parlor/protocol";
import type { Ticket } from "./effects.ts";
import type { CheckedBody } from "./publish-body.ts";

/** One publish that is not answered for good yet. */
export interface OutboxItem {
  readonly ticket: Ticket;
  readonly seq: number;
  readonly body: CheckedBody;
  readonly re: number | undefined;
  /** The identity of the connection that sent it last; empty while it was never sent. */
  sentAs: string;
  /** Where the room stood, as far as known, when it was first sent: its message can only come behind. */
  sentBehind: Position | null;
  isInFlight: boolean;
  /** A connection ended with it in flight: it may be stored, and it may not. */
  isUncertain: boolean;
  /** The newest temporary refusal. */
  refusal: { readonly refused: string; readonly message: string } | null;
  /** Its record is not on disk yet: neither it nor what is behind it goes out. @default false */
  isHeld?: boolean;
  /** It was written in another life of the page. */
  readonly earlier?: EarlierPublish;
  /** So long ago that the server may have forgotten its producer. @default false */
  readonly isOld?: boolean;
}

/** What is known of a publish before it goes out. */
export const NEVER_SENT = {
  re: undefined,
  sentAs: "",
  sentBehind: null,
  isInFlight: false,
  isUncertain: false,
  refusal: null,
} as const;

/** What is said beside a publish that was kept on disk by a page that is gone. */
export interface EarlierPublish {
  readonly id: number;
  readonly producer: string;
  readonly writtenAt: number;
}

/** An outbox's item as applications see it. */
export interface PendingPublish {
  /** Unique within the room, and the same from `publish` to the end. */
  readonly id: number;
  readonly seq: number;
  readonly body: unknown;
  readonly re?: number | undefined;
  /** `producer` of its message, where a page that is gone wrote it; left out: the client's own. */
  readonly producer?: string | undefined;
  /** When that page took it, ms since 1970 by its clock. */
  readonly writtenAt?: number | undefined;
  /**
   * waiting: not under way now. sent: under way, unanswered. refused: not taken for now (a rate, a
   * full disk); it is sent again by itself.
   */
  readonly state: "waiting" | "sent" | { readonly refused: string; readonly message: string };
  /** It was under way without an answer so far: the server may have it. It is never stored twice. */
  readonly mayBeStored: boolean;
}

/** The body that a JSON text stands for, as `bodyFromJson`; where bytes are never sent, `JSON.parse` will do. */
export type ReadBody = (json: string) => unknown;

/** What of an item is the application's own, as it gave it. */
export function contentOf(
  { seq, body, re, earlier }: OutboxItem,
  read: ReadBody,
): {
  readonly id: number;
  readonly seq: number;
  readonly body: unknown;
  readonly re?: number;
} {
  return {
    id: seq,
    seq,
    body: read(body.json),
    ...(re === undefined ? {} : { re }),
    ...earlier,
  };
}

export function viewItem(item: OutboxItem, read: ReadBody): PendingPublish {
  const { isInFlight, isUncertain, refusal } = item;
  return {
    ...contentOf(item, read),
    state: isInFlight ? "sent" : (refusal ?? "waiting"),
    mayBeStored: isUncertain || isInFlight,
  };
}
