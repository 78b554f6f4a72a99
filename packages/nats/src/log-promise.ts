import type { StreamReport } from "./log-streams.ts";

/** What one server of the cluster says of how it writes to its disk. */
export interface SyncPolicy {
  /** Whether each record is synced before it is acknowledged. */
  readonly syncAlways: boolean;
  /** How often what was written is synced otherwise, in ms; null where the server does not say. */
  readonly syncIntervalMs: number | null;
}

export interface LogPromise {
  /** Whether what was acknowledged survives a power cut of all servers at once. Where that can't be seen it is false. */
  readonly isDurable: boolean;
  /** What is promised, and what can be lost, in sentences for people. */
  readonly words: string;
}

/** What servers of NATS sync after where nothing else is configured, in ms. */
const STANDARD_SYNC_INTERVAL_MS = 120_000;

/**
 * Says what an acknowledged message survives, from what the cluster says of itself.
 *
 * @param syncs  Of each server that was reached; empty where none was.
 * @param unreached  Servers that did not say how they sync.
 */
export function promiseOf(
  streams: readonly StreamReport[],
  syncs: readonly SyncPolicy[],
  unreached: number,
): LogPromise {
  const replicas = Math.min(...streams.map((stream) => stream.replicas));
  const inMemory = streams.filter(({ storage }) => storage !== "file").map(({ name }) => name);
  if (inMemory.length > 0) {
    const words = `Not durable: NATS keeps ${inMemory.join(", ")} in memory, and a restart of its servers loses all of it.`;
    return { isDurable: false, words };
  }
  const quorum = Math.floor(replicas / 2) + 1;
  const held =
    replicas === 1
      ? "A message is acknowledged when one server of NATS has it: while that server is down nothing is taken, and if its disk is lost everything is."
      : `A message is acknowledged when ${quorum} of ${replicas} servers of NATS have it: it survives the loss of any ${quorum - 1}, and publishes go on.`;
  const areAllKnown = unreached === 0 && syncs.length > 0;
  if (areAllKnown && syncs.every(({ syncAlways }) => syncAlways)) {
    return { isDurable: true, words: `Durable: ${held} Each server syncs before it acknowledges.` };
  }
  const late = syncs.filter(({ syncAlways }) => !syncAlways);
  const interval = Math.max(
    0,
    ...late.map(({ syncIntervalMs }) => syncIntervalMs ?? STANDARD_SYNC_INTERVAL_MS),
  );
  const lost =
    replicas === 1
      ? "a crash of its system or a power cut"
      : `a power cut that hits ${replicas - quorum + 1} servers at once`;
  const sync =
    late.length > 0
      ? `Servers sync their disks every ${interval / 1_000} s only, so ${lost} can lose what was acknowledged since.`
      : `How all servers sync their disks can't be seen from here (they sync every ${STANDARD_SYNC_INTERVAL_MS / 1_000} s where sync_interval says nothing else), so ${lost} may lose what was acknowledged since.`;
  return { isDurable: false, words: `Not durable against power cuts: ${held} ${sync}` };
}
