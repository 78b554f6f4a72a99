/**
 * The port that tells when the platform gives reason to doubt the connection, or to try at once: the
 * page became visible, came back from the cache, thawed, or the network returned.
 */
export interface WakeSource {
  /** Calls `onWake` at each such moment; returns how to stop. */
  listen(onWake: () => void): () => void;
  /** True where the platform is sure that there is no network. */
  readonly isOffline: boolean;
}

/** The events of a page. A worker has only `online`; Node has none, and its heartbeat must do. */
export const platformWake: WakeSource = {
  listen(onWake) {
    const stops: (() => void)[] = [];
    const follow = (target: EventTarget, type: string, listener: () => void): void => {
      target.addEventListener(type, listener);
      stops.push(() => target.removeEventListener(type, listener));
    };
    if (typeof document !== "undefined") {
      follow(document, "visibilitychange", () => {
        if (document.visibilityState === "visible") onWake();
      });
      follow(document, "resume", onWake);
    }
    if (typeof globalThis.addEventListener === "function") {
      follow(globalThis, "online", onWake);
      follow(globalThis, "pageshow", onWake);
    }
    return () => {
      for (const stop of stops) stop();
    };
  },
  get isOffline() {
    // Node has a `navigator` without `onLine`.
    return typeof navigator !== "undefined" && navigator.onLine === false;
  },
};
