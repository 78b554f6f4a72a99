interface ScriptAddresses {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string };
}

/**
 * Lets this browser open the page with no network, from now on. Where it has no service workers, or keeps
 * them for secure pages and this is none, the page needs the server as any page does.
 */
export async function registerPageWorker(basePath: string): Promise<void> {
  // The types promise it always.
  const container = (navigator as { readonly serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (container === undefined) return;
  const address = `${basePath}service-worker.js`;
  try {
    await container.register(trusted(address), { scope: basePath, updateViaCache: "none" });
  } catch {
    // Intentionally without a word: forbidden site data, a private window. All that is lost is the way without a network.
  }
}

/** Under the page's policy a script's address is not a mere text; this is the only one that is made. */
function trusted(address: string): string {
  const { trustedTypes } = globalThis as unknown as { readonly trustedTypes?: ScriptAddresses };
  if (trustedTypes === undefined) return address;
  const policy = trustedTypes.createPolicy("parlor-worker", {
    createScriptURL: (wanted) => {
      if (wanted !== address) throw new TypeError("only the page's own worker is made");
      return wanted;
    },
  });
  return policy.createScriptURL(address);
}
