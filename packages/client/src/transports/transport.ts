/**
 * The port of a transport: one way to carry frames between this client and a server.
 *
 * A transport knows nothing of rooms, cursors or retries. It opens one connection when it is told to,
 * carries texts both ways, and says when that connection is over. Whether and when to open another is
 * decided above (`connection.ts`), and so is what to send again.
 *
 * Contract, for every implementation:
 *  - Each text is one frame, whole. Texts arrive in the order in which the server sent them.
 *  - The first text sent on a connection is its `hello`. A transport made of several requests keeps it
 *    and repeats it where a request has to be complete by itself.
 *  - Delivery is not promised: what was sent may be lost when the connection ends, and nobody is told
 *    which part. Everything that must arrive is acknowledged by frames.
 *  - Listeners are never called before `open` has returned, nor from within `send` or `close`.
 *  - `onClose` is called exactly once, whatever happened, also where nothing could be opened; after it
 *    nothing more is called. After `close()` by this side nothing is called at all, `onClose` neither.
 *  - Nothing throws. A fault is a connection that is over, with a sentence.
 *  - A connection that is over holds no timer, no listener and no socket.
 */
export interface Transport {
  /** As `ConnectionState` names it to people. */
  readonly kind: TransportKind;
  open(listener: TransportListener): TransportConnection;
}

export type TransportKind = "websocket";

export interface TransportListener {
  /** Texts may be sent from now on. */
  onOpen(): void;
  onText(text: string): void;
  onClose(close: TransportClose): void;
}

export interface TransportConnection {
  /** Sends one frame. After the end of the connection it does nothing. */
  send(text: string): void;
  /** Ends the connection from this side and forgets it. Twice is the same as once. */
  close(): void;
}

export interface TransportClose {
  /** A WebSocket close code, or the one that stands for what happened; 1006 where nobody said. */
  readonly code: number;
  /** The peer's words, or the platform's; empty where there are none. */
  readonly reason: string;
}
