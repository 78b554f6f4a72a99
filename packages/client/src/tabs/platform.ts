import type { LeaveFirst } from "./own-first-link.ts";

/** What is used of a `MessagePort` and of a `BroadcastChannel`. */
export interface Line {
  onmessage: ((event: MessageEvent<never>) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** What is used of the Web Locks. */
export interface Locks {
  request(
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean; readonly mode?: "shared" },
    granted: () => Promise<void>,
  ): Promise<unknown>;
}

/** What tabs find one another with: each is null where the platform has none. */
export interface TabsPlatform {
  /** The line to the shared worker of that name. @param onFault it can't be had, or broke. */
  worker(address: URL | string, name: string, onFault: () => void): Line | null;
  channel(name: string): Line | null;
  readonly locks: Locks | null;
  /** null where there is a hub of that name already, or another page begins with a connection of its own. */
  goFirst(name: string): Promise<LeaveFirst | null>;
  /** Calls `onLeave` when the page is put away, frozen or left: it must not keep from the others what is theirs. */
  listen(onLeave: () => void): void;
  readonly isHidden: boolean;
}

export const browserTabs: Omit<TabsPlatform, "goFirst"> = {
  worker(address, name, onFault) {
    if (typeof SharedWorker !== "function") return null;
    try {
      const worker = new SharedWorker(trusted(address), { name, type: "module" });
      worker.onerror = onFault;
      return worker.port;
    } catch {
      // Forbidden by the page's policy, or of another origin.
      return null;
    }
  },
  channel: (name) => (typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : null),
  get locks() {
    return typeof navigator === "undefined"
      ? null
      : ((navigator as { readonly locks?: Locks }).locks ?? null);
  },
  listen(onLeave) {
    globalThis.document?.addEventListener("freeze", onLeave);
    globalThis.addEventListener?.("pagehide", onLeave);
  },
  get isHidden() {
    return globalThis.document?.visibilityState === "hidden";
  },
};

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/**
 * Where the page's policy takes no text for a script's address it is given one by the policy `parlor-worker`, which
 * the page has to allow: the application said where its worker is, and it is of the page's own origin.
 */
function trusted(address: URL | string): URL | string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  const url = new URL(address, location.href);
  if (trustedTypes === undefined || url.origin !== location.origin) return address;
  try {
    policy ??= trustedTypes.createPolicy("parlor-worker", { createScriptURL: (text) => text });
    return policy.createScriptURL(url.href) as string;
  } catch {
    // It is not allowed: the address may be one that the application has made trusted itself.
    return address;
  }
}
