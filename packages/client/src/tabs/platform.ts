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
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    granted: () => Promise<void>,
  ): Promise<unknown>;
}

/** What tabs find one another with: each is null where the platform has none. */
export interface TabsPlatform {
  /** The line to the shared worker of that name. @param onFault it can't be had, or broke. */
  worker(address: URL | string, name: string, onFault: () => void): Line | null;
  channel(name: string): Line | null;
  readonly locks: Locks | null;
  /** Whether there is a hub of that name already; false where nobody can say. */
  hasHub(name: string): Promise<boolean>;
  /** Calls `onLeave` when the page is put away, frozen or left: it must not keep from the others what is theirs. */
  listen(onLeave: () => void): void;
  readonly isHidden: boolean;
}

export const browserTabs: Omit<TabsPlatform, "hasHub"> = {
  worker(address, name, onFault) {
    if (typeof SharedWorker !== "function") return null;
    try {
      // As it is, where it is an address that the page's policy trusts.
      const worker = new SharedWorker(address, { name, type: "module" });
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
