import type { SyncPolicy } from "./log-promise.ts";

const ANSWER_WITHIN_MS = 1_000;
const NANOSECONDS = 1_000_000;

/**
 * Asks the monitoring address of each server how it syncs.
 *
 * @param monitors  `http://HOST:8222` of each.
 */
export async function readSyncPolicies(
  monitors: readonly string[],
): Promise<{ readonly syncs: readonly SyncPolicy[]; readonly unreached: number }> {
  const answers = await Promise.all(monitors.map(askOne));
  const syncs = answers.filter((answer) => answer !== null);
  return { syncs, unreached: answers.length - syncs.length };
}

/** Null where it does not answer, or is no server with JetStream. */
async function askOne(monitor: string): Promise<SyncPolicy | null> {
  let said: unknown;
  try {
    const answer = await fetch(new URL("/varz", monitor), { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    said = await answer.json();
  } catch {
    // Monitoring is off, or elsewhere: then nothing is known, and nothing is promised.
    return null;
  }
  return syncPolicyOf(said);
}

/** What `/varz` says; servers before 2.10 can't sync always and say nothing of it. */
export function syncPolicyOf(varz: unknown): SyncPolicy | null {
  const { jetstream } = (varz ?? {}) as { readonly jetstream?: { readonly config?: unknown } };
  const config = jetstream?.config as
    | { readonly sync_always?: unknown; readonly sync_interval?: unknown }
    | undefined;
  if (config === undefined) return null;
  const { sync_always: always, sync_interval: interval } = config;
  return {
    syncAlways: always === true,
    syncIntervalMs: typeof interval === "number" ? interval / NANOSECONDS : null,
  };
}
