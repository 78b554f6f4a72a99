import type { TransportConnection, TransportKind, TransportListener } from "./transport.ts";

/**
 * What the client opens: a single transport, or several of which one is in use at a time and another
 * may take its place.
 */
export interface Link {
  /** The transport in use. */
  readonly kind: TransportKind;
  open(listener: LinkListener): LinkConnection;
}

export interface LinkConnection extends TransportConnection {
  /** It only gave a first answer: what is sent goes nowhere until another takes over. @default false */
  readonly isBrief?: boolean;
  /** @param cause `silence`: it was welcomed, and nothing is heard any more. */
  close(cause?: "silence"): void;
}

export interface LinkListener extends TransportListener {
  /**
   * May come again: then another connection, which began with this opening and is welcomed by the frame that
   * follows, has taken the place of the one so far. All that is sent and heard from now on is the new one's.
   *
   * @param opening What was handed over. @default the opening that was asked for last
   */
  onOpen(opening?: readonly string[]): void;
  /** Whether something is under way that would be lost with the connection. @default never */
  isBusy?(): boolean | undefined;
  /** Fulfils when an `opening` for one more connection may be asked for: tokens are fetched anew. */
  prepare(): Promise<unknown>;
}
