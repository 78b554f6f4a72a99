import { tabsLink } from "@parlor/client/tabs";

/**
 * The link that all tabs of this browser share.
 *
 * @param workerPath Of the shared worker's script; empty for none.
 */
export function sharedLink(server: URL, workerPath: string): ReturnType<typeof tabsLink> {
  const worker = workerPath === "" ? undefined : trusted(new URL(workerPath, server));
  return tabsLink(server, { worker });
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

/** The page's policy takes no text for a script's address: this one is of the page's own, and the build put it there. */
function trusted(url: URL): URL | string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined || url.origin !== location.origin) return url;
  const policy = trustedTypes.createPolicy("parlor-worker", { createScriptURL: (text) => text });
  return policy.createScriptURL(url.href) as string;
}
