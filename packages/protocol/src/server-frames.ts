import type { Limits } from "./limits.ts";

/**
 * Frames from the server to the client: one JSON object each, told apart by `type`.
 * Rules: docs/protocol.md, section "Frames from the server".
 */
export type ServerFrame =
  | WelcomeFrame
  | SubscribedFrame
  | UnsubscribedFrame
  | MessagesFrame
  | AckFrame
  | RefusedFrame
  | SignalledFrame
  | SignalsFrame
  | StateFrame
  | PresenceFrame
  | HistoryPageFrame
  | ReplyFrame
  | ErrorFrame
  | ByeFrame
  | { readonly type: "ping" }
  | { readonly type: "pong" };

export type ServerFrameType = ServerFrame["type"];

export interface WelcomeFrame {
  readonly type: "welcome";
  readonly version: number;
  /** Who the server takes this connection to be. */
  readonly identity: string;
  /** The server's wall clock, ms since 1970. */
  readonly now: number;
  readonly heartbeatMs: number;
  /** Until the token's end; null where it has none. */
  readonly expiresInMs: number | null;
  readonly limits: Limits;
  /** A publish may name its `producer`. */
  readonly producers?: true | undefined;
}

/** What cannot be delivered any more: offsets `from` to `to`, both inclusive, or a whole epoch. */
export type Lost = { readonly from: number; readonly to: number } | { readonly epoch: true };

/** Starts a chain: the next `messages` frame follows `after`. May come again at any time. */
export interface SubscribedFrame {
  readonly type: "subscribed";
  readonly room: string;
  readonly epoch: string;
  readonly after: number;
  readonly head: number;
  readonly earliest: number;
  readonly lost: Lost | null;
  /** What `atMost` left out: readable by history, not lost. */
  readonly skipped: { readonly from: number; readonly to: number } | null;
}

export interface UnsubscribedFrame {
  readonly type: "unsubscribed";
  readonly room: string;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

/** One message of a room's log. */
export interface Message {
  readonly offset: number;
  /** The identity that published it. */
  readonly from: string;
  readonly producer: string;
  readonly seq: number;
  /** ms since 1970; never falls within a room. */
  readonly at: number;
  readonly re?: number | undefined;
  readonly body: unknown;
  /** Its body was erased; it keeps its place. */
  readonly redacted?: true | undefined;
}

/** A message whose body is known to be of a type; null where it was erased. */
export interface MessageOf<Body> extends Omit<Message, "body"> {
  readonly body: Body | null;
}

export interface MessagesFrame {
  readonly type: "messages";
  readonly room: string;
  readonly after: number;
  readonly messages: readonly Message[];
}

export interface AckFrame {
  readonly type: "ack";
  readonly room: string;
  readonly seq: number;
  /** Missing only in a duplicate's answer whose seq is older than the newest. */
  readonly offset?: number | undefined;
  readonly duplicate?: true | undefined;
  /** Where the publish named one. */
  readonly producer?: string | undefined;
}

export interface RefusedFrame {
  readonly type: "refused";
  readonly room: string;
  readonly seq: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  /** With `out-of-order`: the seq to go on from. */
  readonly expected?: number | undefined;
  /** Where the publish named one. */
  readonly producer?: string | undefined;
}

export interface SignalledFrame {
  readonly type: "signal";
  readonly room: string;
  readonly from: string;
  readonly body: unknown;
}

/** Several signals of one room, in the order in which they came: only to who asked for `"batched"`. */
export interface SignalsFrame {
  readonly type: "signals";
  readonly room: string;
  readonly signals: readonly { readonly from: string; readonly body: unknown }[];
  /** At the end of a poll: what the next one says as `heard`. */
  readonly next?: string | undefined;
}

export interface StateFrame {
  readonly type: "state";
  readonly room: string;
  readonly version: number;
  readonly full?: boolean | undefined;
  readonly more?: boolean | undefined;
  readonly entries: Readonly<Record<string, unknown>>;
}

export interface PresenceFrame {
  readonly type: "presence";
  readonly room: string;
  readonly version: number;
  readonly full?: boolean | undefined;
  readonly count: number;
  readonly joined?: readonly { readonly identity: string; readonly profile: unknown }[] | undefined;
  readonly left?: readonly string[] | undefined;
}

export interface HistoryPageFrame {
  readonly type: "history";
  readonly id: number;
  readonly room: string;
  readonly epoch: string;
  readonly earliest: number;
  readonly messages: readonly Message[];
  readonly related?: readonly Message[] | undefined;
  /** More lies in the direction that was read. */
  readonly more: boolean;
}

export interface ReplyFrame {
  readonly type: "reply";
  readonly id: number;
  readonly result?: unknown;
  readonly error?:
    | { readonly code: string; readonly message: string; readonly retryAfterMs?: number | undefined }
    | undefined;
}

export interface ErrorFrame {
  readonly type: "error";
  /** The type of the frame that this answers. */
  readonly to?: string | undefined;
  readonly room?: string | undefined;
  readonly id?: number | undefined;
  readonly seq?: number | undefined;
  readonly key?: string | undefined;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** The server is about to close; the client comes back after `retryAfterMs`. */
export interface ByeFrame {
  readonly type: "bye";
  readonly code: string;
  readonly message?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}
