import type { Clock, Random } from "@parlor/base";
import type { Contender, ContenderHost } from "./contender.ts";
import type { Link, LinkConnection, LinkListener } from "./link.ts";
import type { TransportHistory } from "./transport-history.ts";
import type { Transport, TransportKind } from "./transport.ts";

/** What there is to connect with. */
export interface Means {
  /** Best first; at least one. Without `websocket` where there is no `socket`. */
  readonly kinds: readonly TransportKind[];
  readonly socket: Transport | null;
  /** The server's base address, ending with `/`. */
  readonly base: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly history: TransportHistory;
  /**
   * Begins a connection. A function, since what is loaded on demand imports only types from what is
   * loaded at the start: a bundler would cut a module that both need into a file of its own, and every
   * page would load one more.
   */
  readonly contend: (transport: Transport, host: ContenderHost) => Contender;
}

/** What stands until a lasting connection is answered (quick-poll.ts). */
export interface Interim {
  /** Twice is the same as once. */
  end(): void;
}

/** A link that can go on with a connection that was begun elsewhere. */
export interface RacingLink extends Link {
  /** @param quick Ends with the first answer, and with the connection. */
  open(listener: LinkListener, begun?: Contender | null, quick?: Interim | null): LinkConnection;
  /** It was welcomed, and then it did not carry. */
  distrust(kind: TransportKind): void;
}
