import { ParlorClient } from "../client.ts";
import type { Link } from "../transports/link.ts";
import type { TransportKind } from "../transports/transport.ts";
import { Hub } from "./hub.ts";

/** How a hub reaches the server: over a link that there is, or over one of its own. */
export interface HubRoad {
  readonly link?: Link | undefined;
  readonly transports?: readonly TransportKind[] | undefined;
}

/** A hub whose client is who its first tab is. */
export function makeHub({ link, transports }: HubRoad): Hub {
  return new Hub(
    (base, { key, profile }, wake) =>
      new ParlorClient(base, {
        key,
        profile,
        wake,
        ...(link === undefined ? { transports } : { transport: link }),
      }),
  );
}
