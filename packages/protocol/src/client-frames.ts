/**
 * Frames from the client to the server: one JSON object each, told apart by `type`.
 * Unknown extra members are ignored. Rules: docs/protocol.md, section "Frames from the client".
 */
export type ClientFrame =
  | HelloFrame
  | RenewFrame
  | SubscribeFrame
  | UnsubscribeFrame
  | PublishFrame
  | SignalFrame
  | SetFrame
  | HistoryFrame
  | RequestFrame
  | PingFrame
  | PongFrame;

export type ClientFrameType = ClientFrame["type"];

/** The first frame of a connection, once, within 10 s. */
export interface HelloFrame {
  readonly type: "hello";
  readonly version: number;
  /** The secret that the identity is the hash of: 22 to 64 characters. */
  readonly key?: string | undefined;
  /** 8 to 32 characters of `[A-Za-z0-9_-]`, one for each outbox. */
  readonly producer: string;
  /** For the host's `authenticate` hook. */
  readonly token?: string | undefined;
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
}

/** A fresh token on a living connection. */
export interface RenewFrame {
  readonly type: "renew";
  readonly token: string;
}

/** Join with the newest `last`, or resume behind `after`; neither means `last: 0`. */
export interface SubscribeFrame {
  readonly type: "subscribe";
  readonly room: string;
  /** 0 to 500 newest messages first. */
  readonly last?: number | undefined;
  /** The cursor; without `epoch` it is taken in whatever epoch there is. */
  readonly after?: number | undefined;
  readonly epoch?: string | undefined;
  /** Begin no further back than the newest so many. */
  readonly atMost?: number | undefined;
  /** `true`, or the version last seen. */
  readonly presence?: boolean | number | undefined;
  /** `true`: each in a frame of its own; `"batched"`: several may come together in a `signals` frame. */
  readonly signals?: boolean | "batched" | undefined;
  /** With `"batched"`: `next` of the last `signals` frame, at most 64 characters; what was said since comes first. */
  readonly heard?: string | undefined;
  /** `true`, or the version last seen. */
  readonly state?: boolean | number | undefined;
}

export interface UnsubscribeFrame {
  readonly type: "unsubscribe";
  readonly room: string;
}

export interface PublishFrame {
  readonly type: "publish";
  readonly room: string;
  /** 1, 2, 3 … for each (identity, producer, room); never used again for other content. */
  readonly seq: number;
  /** The newest own seq that this one relies on. Default: seq − 1. */
  readonly afterSeq?: number | undefined;
  /** The offset that this message is about. */
  readonly re?: number | undefined;
  /** Whose seq it is, where it is not the hello's: a connection may carry what several tabs publish. */
  readonly producer?: string | undefined;
  readonly body: unknown;
}

export interface SignalFrame {
  readonly type: "signal";
  readonly room: string;
  readonly body: unknown;
}

export interface SetFrame {
  readonly type: "set";
  readonly room: string;
  readonly key: string;
  /** null removes the key. */
  readonly value: unknown;
  /** Asks for a `reply` once it is durable; without it only a refusal is answered. 1 to 2³¹ − 1. */
  readonly id?: number | undefined;
}

export interface HistoryFrame {
  readonly type: "history";
  /** 1 to 2³¹ − 1, chosen by the client. */
  readonly id: number;
  readonly room: string;
  /** Messages with a smaller offset; without it the newest. */
  readonly before?: number | undefined;
  /** 1 to 500. Default 50. */
  readonly limit?: number | undefined;
  /** Also the later messages whose `re` lies in the page. */
  readonly related?: boolean | undefined;
}

export interface RequestFrame {
  readonly type: "request";
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}

export interface PingFrame {
  readonly type: "ping";
}

export interface PongFrame {
  readonly type: "pong";
}
