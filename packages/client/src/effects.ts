import type { ErrorFrame, Lost, Message, SubscribedFrame } from "@parlor/protocol";
import type { ConnectionState } from "./connection-state.ts";

/**
 * What the core wants done. The core does no I/O: `client-shell.ts` turns each of these into a socket,
 * a timer, a promise or a call of a listener, in the order of the list.
 */
export type ClientEffect =
  /** Open a transport's connection; what it reports comes back as events with its number. */
  | { readonly kind: "open"; readonly connection: number }
  /** End the present connection and hear no more of it. */
  | { readonly kind: "close"; readonly cause?: "silence" | undefined }
  | { readonly kind: "send"; readonly text: string }
  /** Start the timer of that name, in place of an earlier one. */
  | { readonly kind: "timer"; readonly name: string; readonly afterMs: number }
  | { readonly kind: "cancel"; readonly name: string }
  | { readonly kind: "settle"; readonly ticket: Ticket; readonly outcome: Outcome }
  | { readonly kind: "state"; readonly state: ConnectionState }
  | { readonly kind: "error"; readonly error: ErrorFrame }
  | { readonly kind: "room"; readonly room: string; readonly notice: RoomNotice };

/** A promise that waits for its outcome. The core keeps it and gives it back; only the shell settles it. */
export interface Ticket {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export type Outcome =
  | { readonly value: unknown; readonly failure?: undefined }
  | { readonly failure: Failure };

/** What setting a key of state fulfils with: it is durable, and the state has come to this version. */
export interface StateSet {
  readonly version: number;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** What `publish` fulfils with: the message is in the log, on disk. */
export interface Published {
  /**
   * The room's epoch as this client was last told; empty where it neither subscribed to the room nor read its
   * history. Of a room that was deleted since it may be the one before.
   */
  readonly epoch: string;
  /** null where the server only knows that it has it: a repeated publish that later ones followed. */
  readonly offset: number | null;
  readonly seq: number;
}

/** A publish of a page that is gone, which was kept on disk, is in the log. */
export interface PublishedEarlier extends Published {
  /** As in the outbox before. */
  readonly id: number;
  readonly producer: string;
}

/** What `atMost` left out, both inclusive: readable by `history`, not lost. */
export type Skipped = { readonly from: number; readonly to: number };

/** What a room tells its listeners. */
export type RoomNotice =
  | { readonly name: "messages"; readonly messages: readonly Message[]; readonly live: boolean }
  | { readonly name: "subscribed"; readonly value: SubscribedFrame }
  | { readonly name: "lost"; readonly value: Lost }
  | { readonly name: "skipped"; readonly value: Skipped }
  | { readonly name: "unsubscribed"; readonly value: Failure }
  | { readonly name: "outbox" }
  | { readonly name: "published"; readonly value: PublishedEarlier }
  | { readonly name: "refused"; readonly value: RefusedPublish };

/** A publish that is over without being stored, kept so that people can see and save what they wrote. */
export interface RefusedPublish {
  /** Unique within the room, and the same as in the outbox before. */
  readonly id: number;
  readonly seq: number;
  readonly body: unknown;
  readonly re?: number | undefined;
  /** As in the outbox. */
  readonly producer?: string | undefined;
  readonly writtenAt?: number | undefined;
  readonly code: string;
  readonly message: string;
  /** It may be in the room all the same. */
  readonly mayBeStored: boolean;
}
