import { randomId, systemClock, systemRandom } from "@parlor/base";
import { ParlorClient } from "../client.ts";
import { baseAddress } from "../core-options.ts";
import { chosenLink, type ClientOptions } from "../options.ts";
import type { Link } from "../transports/link.ts";
import { type LeaveFirst, OwnFirstLink } from "./own-first-link.ts";
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
 * over once the hub has one; others wait for the hub.
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
  return new OwnFirstLink(own, load, () => (platform ?? { goFirst }).goFirst(name), clock);
}

/**
 * Whoever has the lock of that name is the hub; who finds none, and no other page that goes first, goes first. Asked
 * before the rest is loaded; rejects where there are no locks to say it, and then everybody does.
 */
async function goFirst(name: string): Promise<LeaveFirst | null> {
  const { locks } = navigator;
  // Intentionally by requests alone: they take one way to the browser and back, and its list of all locks a second.
  const [noHub, first] = await Promise.all([
    hold(locks, name, "shared"),
    hold(locks, `${name}:first`, "exclusive"),
  ]);
  noHub?.();
  if (noHub !== null) return first;
  first?.();
  return null;
}

/** How to let go of it; null where another has it. */
async function hold(locks: LockManager, name: string, mode: LockMode): Promise<(() => void) | null> {
  return await new Promise((resolve, reject) => {
    // It is held until what its promise is resolved with is called.
    const granted = (lock: Lock | null): unknown =>
      lock === null ? resolve(null) : new Promise<void>((release) => resolve(release));
    locks.request(name, { mode, ifAvailable: true }, granted).catch(reject);
  });
}
