import type { ErrorFrame, HistoryPageFrame, Lost, Message, SubscribedFrame } from "@parlor/protocol";
import type { ConnectionState } from "./connection-state.ts";

/**
 * What the core wants done. The core does no I/O: `client-shell.ts` turns each of these into a socket,
 * a timer, a promise or a call of a listener, in the order of the list.
 */
export type ClientEffect =
  /** Open a transport's connection; what it reports comes back as events with its number. */
  | { readonly kind: "open"; readonly connection: number }
  /** End the present connection and hear no more of it. */
  | { readonly kind: "close" }
  | { readonly kind: "send"; readonly text: string }
  /** Start the timer of that name, in place of an earlier one. */
  | { readonly kind: "timer"; readonly name: string; readonly afterMs: number }
  | { readonly kind: "cancel"; readonly name: string }
  | { readonly kind: "state"; readonly state: ConnectionState }
  | { readonly kind: "error"; readonly error: ErrorFrame }
  | { readonly kind: "room"; readonly room: string; readonly notice: RoomNotice }
  | { readonly kind: "published"; readonly ticket: number; readonly outcome: Outcome<Published> }
  | { readonly kind: "read"; readonly ticket: number; readonly outcome: Outcome<HistoryPageFrame> };

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** What `publish` fulfils with: the message is in the log, on disk. */
export interface Published {
  /** The room's epoch; empty where this client neither subscribed to the room nor read its history. */
  readonly epoch: string;
  /** null where the server only knows that it has it: a repeated publish that later ones followed. */
  readonly offset: number | null;
  readonly seq: number;
}

/** What `atMost` left out, both inclusive: readable by `history`, not lost. */
export type Skipped = { readonly from: number; readonly to: number };

/** What a room tells its listeners. */
export type RoomNotice =
  | { readonly name: "messages"; readonly messages: readonly Message[]; readonly live: boolean }
  | { readonly name: "subscribed"; readonly frame: SubscribedFrame }
  | { readonly name: "lost"; readonly lost: Lost }
  | { readonly name: "skipped"; readonly skipped: Skipped }
  | { readonly name: "unsubscribed"; readonly failure: Failure }
  | { readonly name: "outbox" }
  | { readonly name: "refused"; readonly refused: RefusedPublish };

/** A publish that is over without being stored, kept so that people can see and save what they wrote. */
export interface RefusedPublish {
  readonly id: number;
  readonly seq: number;
  readonly body: unknown;
  readonly re?: number | undefined;
  readonly code: string;
  readonly message: string;
}

/** What a step may use of the world, given to it from outside. */
export interface StepInputs {
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  /** The platform says that there is no network. It may be wrong the other way. */
  readonly isOffline: boolean;
}
