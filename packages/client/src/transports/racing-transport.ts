import { betterSearch } from "./better-search.ts";
import type { Means, RacingLink } from "./means.ts";
import { pollTransport } from "./poll-transport.ts";
import { openRacing, type RacingParts } from "./racing-connection.ts";
import { streamTransport } from "./stream-transport.ts";
import type { Transport, TransportKind } from "./transport.ts";
import { transportTrust } from "./transport-trust.ts";

/**
 * Several transports, of which each connection uses the best that gets through.
 *
 * @param transport Makes what carries the frames of a kind.
 */
export function racingTransport(
  means: Means,
  transport = (kind: TransportKind): Transport => ownTransport(means, kind),
): RacingLink {
  const { clock, random } = means;
  const trust = transportTrust();
  const parts: RacingParts = {
    means,
    transport,
    search: betterSearch(clock, random),
    trust,
    kind: "websocket",
    losses: 0,
  };
  return {
    get kind() {
      return parts.kind;
    },
    open: (listener, begun = null, quick = null) => openRacing(parts, listener, begun, quick),
    distrust: (kind) => trust.distrust(kind, clock.monotonic()),
  };
}

function ownTransport({ socket, base, fetch, clock }: Means, kind: TransportKind): Transport {
  if (kind === "websocket" && socket !== null) return socket;
  // They come in one file with the race: who loads it needs the next one now, not a round trip later.
  return (kind === "stream" ? streamTransport : pollTransport)(base, fetch, clock);
}
