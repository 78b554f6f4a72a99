import type { ReceivedFrame } from "@parlor/protocol";

/**
 * The port of a transport: one way to carry frames between this client and a server.
 *
 * A transport knows nothing of rooms, cursors or retries. It opens one connection when it is told to,
 * carries texts both ways, and says when that connection is over. Whether and when to open another is
 * decided above (`connection.ts`), and so is what to send again.
 *
 * Contract, for every implementation:
 *  - Each text is one frame, whole. Texts arrive in the order in which the server sent them.
 *  - A connection begins with the listener's `opening`, which the transport sends itself, and then says
 *    `onOpen`. One that is made of several requests asks for the opening anew whenever a request begins,
 *    and so needs no knowledge of rooms and cursors.
 *  - Delivery is not promised: what was sent may be lost when the connection ends, and nobody is told
 *    which part. Everything that must arrive is acknowledged by frames.
 *  - Apart from `opening`, listeners are never called before `open` has returned, nor from within `send`
 *    or `close`.
 *  - `onClose` is called exactly once, whatever happened, also where nothing could be opened; after it
 *    nothing more is called. After `close()` by this side nothing is called at all, `onClose` neither.
 *  - Nothing throws. A fault is a connection that is over, with a sentence.
 *  - A connection that is over holds no timer, no listener and no socket.
 *
 * Every implementation runs `describeTransportContract` of the testkit.
 */
export interface Transport {
  /** As `ConnectionState` names it to people. */
  readonly kind: TransportKind;
  open(listener: TransportListener): TransportConnection;
}

export type TransportKind = "websocket" | "stream" | "poll";

export interface TransportListener {
  /**
   * What a connection, or a request that is complete by itself, begins with: `hello`, then a `subscribe`
   * from each present cursor. Asking changes nothing.
   */
  opening(): readonly string[];
  /** The opening that is about to be handed over was taken before: its answers are under way. */
  onEarly?(): void;
  /** The opening that was asked for last is handed over, and texts may be sent from now on. Once. */
  onOpen(): void;
  /** @param frame Its text; or what an encoding has read, where the transport was given one. */
  onText(frame: ReceivedFrame): void;
  /** The peer showed life without a frame: a comment of a stream, an empty poll. */
  onLife(): void;
  /** The connection is over, or could not be opened. */
  onClose(close: TransportClose): void;
}

export interface TransportConnection {
  /** Sends one frame. After the end of the connection it does nothing. */
  send(text: string): void;
  /** Ends the connection from this side and forgets it. Twice is the same as once. */
  close(): void;
}

export interface TransportClose {
  /**
   * A WebSocket close code, or the one that stands for what happened. 1006: nobody answered, or nobody
   * said. 1002: somebody answered that is not a Parlor server, such as a proxy with a page of its own.
   */
  readonly code: number;
  /** The peer's words, or the platform's; empty where there are none. */
  readonly reason: string;
  /** Something on the way holds back what the server says: on this road that would happen again. */
  readonly isHeld?: boolean | undefined;
  /** What the server itself said in words, where a transport can read the error of an HTTP answer. */
  readonly refusal?:
    | { readonly code: string; readonly message: string; readonly retryAfterMs?: number | undefined }
    | undefined;
  /** Whoever keeps the connection for several clients comes back by itself: when, and why it is gone. */
  readonly wait?: { readonly message: string; readonly retryAfterMs: number } | undefined;
}
