import { systemClock } from "@parlor/base";
import type { RemoteLog } from "@parlor/log";
import { ownerUp } from "@parlor/server";

/** Less than `/metrics` waits, in ms: that the owner is silent is news. */
const ANSWER_WITHIN_MS = 500;

/** The metrics of the owner of a log; where it is away or does not answer, that it is not up. */
export function ownerMetricsOf(log: RemoteLog): () => Promise<string> {
  return () =>
    new Promise((fulfil) => {
      const timer = systemClock.after(ANSWER_WITHIN_MS, () => fulfil(ownerUp(false)));
      void log
        .about()
        .catch(() => ownerUp(false))
        .then((text) => {
          systemClock.cancel(timer);
          fulfil(text);
        });
    });
}
