import { tabsLink } from "@parlor/client/tabs";

/**
 * The link that all tabs of this browser share.
 *
 * @param workerPath Of the shared worker's script; empty for none.
 */
export function sharedLink(server: URL, workerPath: string): ReturnType<typeof tabsLink> {
  return tabsLink(server, { worker: workerPath === "" ? undefined : new URL(workerPath, server) });
}
