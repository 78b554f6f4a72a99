import { betterSearch } from "./better-search.ts";
import type { Link, LinkConnection, LinkListener } from "./link.ts";
import type { Means } from "./means.ts";
import { pollTransport } from "./poll-transport.ts";
import { openRacing, type Before, type RacingParts } from "./racing-connection.ts";
import { streamTransport } from "./stream-transport.ts";
import type { RequestLink } from "./request-link.ts";
import type { Lane } from "./send-lane.ts";
import type { Transport, TransportKind } from "./transport.ts";
import { transportTrust } from "./transport-trust.ts";

/** A link over several transports. */
export interface Racing extends Link {
  open(listener: LinkListener, before?: Before): LinkConnection;
  /** It was welcomed, and then it did not carry. */
  distrust(kind: TransportKind): void;
}

/**
 * Several transports, of which each connection uses the best that gets through.
 *
 * @param transport Makes what carries the frames of a kind.
 */
export function racingLink(means: Means, transport: (kind: TransportKind) => Transport): Racing {
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
    open: (listener, before) => openRacing(parts, listener, before),
    distrust: (kind) => trust.distrust(kind, clock.monotonic()),
  };
}

/**
 * Over every transport that there is. They come in one file with the race: who loads it needs the next one now, not a round
 * trip later.
 */
export function racingOver(means: Means, laneOf: (link: RequestLink) => Lane): Racing {
  const { socket } = means;
  return racingLink(means, (kind) => {
    if (kind === "websocket" && socket !== null) return socket;
    return (kind === "stream" ? streamTransport : pollTransport)(means, laneOf);
  });
}
