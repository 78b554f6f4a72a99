import { randomId, systemClock, systemRandom } from "@parlor/base";
import { ParlorClient } from "../client.ts";
import { baseAddress } from "../core-options.ts";
import { chosenLink, type ClientOptions } from "../options.ts";
import type { Link } from "../transports/link.ts";
import { OwnFirstLink } from "./own-first-link.ts";
import type { TabsPlatform } from "./platform.ts";
import type { TABS_VERSION } from "./version.ts";

/** Said once more, since what is loaded on demand shares no file with the page's first. */
const VERSION: typeof TABS_VERSION = 1;

export interface TabsOptions
  extends Pick<ClientOptions, "transports" | "webSocket" | "fetch" | "clock" | "random"> {
  /**
   * Where the script of the shared worker is: a module that imports `@parlor/client/tabs/worker`, of the page's own
   * origin, such as `new URL("./parlor-worker.js", import.meta.url)`.
   *
   * @default none: one of the tabs holds the connection
   */
  readonly worker?: URL | string | undefined;
  /**
   * Whose connection it is, where not everybody in this browser is the same: tabs of another group have another
   * one. Tabs with different keys share none anyway, and a client with a `token` has a connection of its own.
   *
   * @default one group
   */
  readonly group?: string | undefined;
  /** @internal */
  readonly platform?: TabsPlatform | undefined;
}

/**
 * A link that is shared by all tabs of this origin: one connection to the server, in a shared worker or in one of the
 * tabs, whichever there is. For `transport` of a `ParlorClient`; without it each tab has a connection of its own, as
 * it has where tabs can't find one another, or are not the same to the server.
 *
 * The first tab begins with a connection of its own, which takes nothing that would have to be fetched, and moves
 * over once the hub has one.
 *
 * @throws {CodedError} `bad-url`, `bad-option`
 */
export function tabsLink(url: string | URL | undefined, options: TabsOptions = {}): Link {
  const { group = "", worker, platform, clock = systemClock, random = systemRandom } = options;
  const address = baseAddress(url);
  const base = address.href;
  const own = chosenLink(address, options);
  const name = `parlor.tabs.${VERSION}:${base}:${group}`;
  const load = async (): Promise<Link> => {
    const { TabsLink } = await import("./tabs-link.ts");
    return new TabsLink({
      base,
      own,
      name,
      worker,
      platform,
      clock,
      random,
      id: randomId(16),
      Client: ParlorClient,
    });
  };
  return new OwnFirstLink(own, load, () => (platform ?? { hasHub }).hasHub(name), clock);
}

/** Whoever has the lock of that name is the hub. Asked before the rest is loaded; false where nobody can say. */
async function hasHub(name: string): Promise<boolean> {
  const { held = [] } = (await globalThis.navigator?.locks?.query()) ?? {};
  return held.some((lock) => lock.name === name);
}
