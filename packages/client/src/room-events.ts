import type { Lost, MessageOf, SubscribedFrame } from "@parlor/protocol";
import type { PublishedEarlier, RefusedPublish, Skipped } from "./effects.ts";

/** The events of a room, with what their listeners are given. */
export interface RoomEvents<Body = unknown> extends Record<string, readonly unknown[]> {
  /**
   * New messages, each once and in order. `live` is false for those that were written before the chain
   * started: what a join asked for, and what was missed.
   */
  readonly messages: readonly [messages: readonly MessageOf<Body>[], info: { readonly live: boolean }];
  /** A chain starts: after `subscribe`, after each reconnect, and where the server starts it elsewhere. */
  readonly subscribed: readonly [frame: SubscribedFrame];
  /** These messages can't be delivered any more: trimmed, or the whole history is another. */
  readonly lost: readonly [lost: Lost];
  /** What `atMost` left out; `history` has it. */
  readonly skipped: readonly [skipped: Skipped];
  /** The subscription ended, and not because this client asked for that. `subscribe()` may be tried again. */
  readonly unsubscribed: readonly [reason: { readonly code: string; readonly message: string }];
  /** `outbox` is not what it was. */
  readonly outbox: readonly [];
  /** A publish that a page which is gone left on disk is in the room; no promise of it is left to tell. */
  readonly published: readonly [published: PublishedEarlier];
  /** A publish is over and was not stored, or that can't be known; `refused` holds it. */
  readonly refused: readonly [refused: RefusedPublish];
}
