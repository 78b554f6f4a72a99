import type { TransportKind } from "./transports/transport.ts";

/** Where the link to the server stands. Every change is a `state` event of the client. */
export type ConnectionState =
  /** Nothing was asked for yet. */
  | { readonly kind: "idle" }
  /** `attempt` counts the tries of this outage, from 1. */
  | { readonly kind: "connecting"; readonly attempt: number }
  | { readonly kind: "open"; readonly identity: string; readonly transport: TransportKind }
  /** It will come back by itself: try number `attempt` starts `retryInMs` after this state did. */
  | {
      readonly kind: "waiting";
      readonly attempt: number;
      readonly retryInMs: number;
      /** A sentence for people. */
      readonly reason: string;
    }
  /**
   * It will not come back by itself. `code` is `closed` after `close()`, else the server's, with its
   * words. `reconnect()` tries again, except after `close()`.
   */
  | { readonly kind: "closed"; readonly code: string; readonly message: string };
