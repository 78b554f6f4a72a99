import { BetterSearch } from "./better-search.ts";
import type { Contender } from "./contender.ts";
import type { LinkConnection, LinkListener } from "./link.ts";
import type { Interim, Means, RacingLink } from "./means.ts";
import { PollTransport } from "./poll-transport.ts";
import { RacingConnection, type RacingParts } from "./racing-connection.ts";
import { StreamTransport } from "./stream-transport.ts";
import type { Transport, TransportKind } from "./transport.ts";
import { TransportTrust } from "./transport-trust.ts";

/** Several transports, of which each connection uses the best that gets through. */
export class RacingTransport implements RacingLink {
  readonly #parts: RacingParts;

  /** @param transport Makes what carries the frames of a kind. */
  constructor(means: Means, transport = (kind: TransportKind): Transport => ownTransport(means, kind)) {
    const search = new BetterSearch(means.clock, means.random);
    this.#parts = { means, transport, search, trust: new TransportTrust(), kind: "websocket", losses: 0 };
  }

  get kind(): TransportKind {
    return this.#parts.kind;
  }

  open(listener: LinkListener, begun: Contender | null = null, quick: Interim | null = null): LinkConnection {
    return new RacingConnection(this.#parts, listener, begun, quick);
  }

  distrust(kind: TransportKind): void {
    const { trust, means } = this.#parts;
    trust.distrust(kind, means.clock.monotonic());
  }
}

function ownTransport({ socket, base, fetch, clock }: Means, kind: TransportKind): Transport {
  if (kind === "websocket" && socket !== null) return socket;
  // They come in one file with the race: who loads it needs the next one now, not a round trip later.
  return kind === "stream" ? new StreamTransport(base, fetch, clock) : new PollTransport(base, fetch, clock);
}
