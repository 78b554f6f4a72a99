import type { ParlorClient } from "../client.ts";
import type { Link } from "../transports/link.ts";
import { Hub } from "./hub.ts";

/**
 * A hub whose client is who its first tab is.
 *
 * It is loaded in the tab that holds the connection, and imports nothing that a page has already (see requests.ts):
 * the class comes from there.
 *
 * @param link How it reaches the server. @default as any client
 */
export function makeHub(Client: typeof ParlorClient, link?: Link): Hub {
  // What is published is the tabs', and so is what they keep of it: a hub takes over no outbox of a tab that died.
  return new Hub(
    (base, { key, profile }, wake) =>
      new Client(base, { key, profile, wake, transport: link, keepOutbox: false }),
  );
}
