/**
 * The port that tells when the platform gives reason to doubt the connection, or to try at once: the
 * page became visible, came back from the cache, thawed, or the network returned or became another; and
 * when the page is put away.
 */
export interface WakeSource {
  /**
   * Calls `onWake` at each such moment, and `onAway` when the page goes into the back/forward cache, which
   * takes no page with an open connection; returns how to stop.
   */
  listen(onWake: () => void, onAway: () => void): () => void;
  /** True where the platform is sure that there is no network. */
  readonly isOffline: boolean;
  /** True where nobody can see the page. @default false */
  readonly isHidden?: boolean;
}

/** The events of a page. A worker has only those of the network; Node has none, and its heartbeat must do. */
export const platformWake: WakeSource = {
  listen(onWake, onAway) {
    const { document, navigator } = platform;
    const controller = new AbortController();
    const follow = (target: EventTarget | undefined, type: string, listener: (event: never) => void): void =>
      target?.addEventListener?.(type, listener as () => void, controller);
    follow(document, "visibilitychange", () => platformWake.isHidden || onWake());
    follow(document, "resume", onWake);
    follow(platform, "online", onWake);
    follow(platform, "pageshow", onWake);
    follow(platform, "pagehide", ({ persisted }: PageTransitionEvent) => persisted && onAway());
    follow(navigator?.connection, "change", onWake);
    return () => controller.abort();
  },
  get isOffline() {
    // Node has a `navigator` without `onLine`.
    return platform.navigator?.onLine === false;
  },
  get isHidden() {
    return platform.document?.visibilityState === "hidden";
  },
};

/** Pages have all of it, but for `connection`, which not every browser has; Node has none. */
const platform = globalThis as EventTarget & {
  readonly document?: Document;
  readonly navigator?: { readonly onLine?: boolean; readonly connection?: EventTarget };
};
