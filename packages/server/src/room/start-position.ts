import type { RoomHead } from "@parlor/log";
import type { Lost } from "@parlor/protocol";
import type { FeedState } from "./feed.ts";

/** Where a subscriber wants to begin. */
export type StartRequest =
  /** With the newest `last` messages. */
  | { readonly kind: "join"; readonly last: number }
  /** Behind a cursor; without an epoch it is taken in whatever epoch there is. */
  | {
      readonly kind: "resume";
      readonly epoch: string | undefined;
      readonly after: number;
      /** Begin no further back than the newest so many. */
      readonly atMost: number | undefined;
    };

/** Where a subscriber does begin, as `subscribed` tells it. */
export interface StartPosition {
  readonly epoch: string;
  readonly after: number;
  readonly head: number;
  readonly earliest: number;
  readonly lost: Lost | null;
  readonly skipped: { readonly from: number; readonly to: number } | null;
}

/** How many newest messages `RoomLog.head` must be asked about for this request. */
export function newestAskedFor(request: StartRequest): number {
  return request.kind === "join" ? request.last : (request.atMost ?? 0);
}

/** Whether the cursor lies beyond the head, so that it belongs to another history, or to a node ahead. */
export function isBeyondHead(request: StartRequest, head: RoomHead): boolean {
  if (request.kind === "join") return false;
  return (request.epoch === undefined || request.epoch === head.epoch) && request.after > head.head;
}

/**
 * What the room's own feed answers without the log, for a cursor within what it has seen; null where the log has
 * to be asked. After a restart thousands come back with one cursor, and their rooms know all that they ask.
 */
export function knownHead(request: StartRequest, feed: FeedState): RoomHead | null {
  // Of a room that was deleted the feed learns the next epoch only with its first message.
  if (feed.filling !== null || feed.epoch === "") return null;
  const { epoch, reached: head, earliest } = feed;
  if (request.kind === "join") {
    // Before the first message all joins that ask for some begin alike; later only the log can count back.
    return head === 0 && request.last > 0 ? { epoch, head, earliest, after: 0 } : null;
  }
  if (request.epoch !== epoch) return null;
  if (request.after > head || request.after < earliest - 1) return null;
  // Offsets may skip, so between two of them are at most as many messages as their difference.
  if (request.atMost !== undefined && head - request.after > request.atMost) return null;
  return { epoch, head, earliest, after: request.after };
}

/**
 * Decides where a subscription begins, and says in words what lies between there and where it wanted
 * to. `head` is asked with `newestAskedFor(request)`. Rules: docs/protocol.md [LOST-1], [LOST-3], [LOST-4].
 */
export function planStart(request: StartRequest, head: RoomHead): StartPosition {
  const common = { epoch: head.epoch, head: head.head, earliest: head.earliest };
  if (request.kind === "join") return { ...common, after: head.after, lost: null, skipped: null };

  const isOtherHistory = request.epoch !== undefined && request.epoch !== head.epoch;
  let after = request.after;
  let lost: Lost | null = null;
  if (isOtherHistory || after > head.head) {
    lost = { epoch: true };
    after = head.earliest - 1;
  } else if (after < head.earliest - 1) {
    lost = { from: after + 1, to: head.earliest - 1 };
    after = head.earliest - 1;
  }
  if (request.atMost !== undefined && after < head.after) {
    return { ...common, after: head.after, lost, skipped: { from: after + 1, to: head.after } };
  }
  return { ...common, after, lost, skipped: null };
}
