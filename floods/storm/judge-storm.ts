import { systemRandom } from "@parlor/base";
import type { StormReport } from "./storm-order.ts";
import { waitsAlone } from "./waits-alone.ts";

export interface StormOutcome {
  readonly clients: number;
  readonly killedAtMs: number;
  readonly downMs: number;
  /** Questions that the server asked its log for those who came back. */
  readonly logReads: number;
  readonly reports: readonly StormReport[];
  /** Bodies of each room in the order of the log. */
  readonly log: ReadonlyMap<string, readonly string[]>;
}

export interface StormVerdict {
  readonly lines: readonly string[];
  /** Empty where everything was as it should be. */
  readonly faults: readonly string[];
  /** What depends on the machine's speed, too. */
  readonly misses: readonly string[];
}

/** How many times the mean of its second a tenth of it may have. */
const MAX_OF_MEAN = 3;
/** Tries of one client in a second: full jitter from half a second on gives 1.9 in the first one. */
const MAX_TRIES = 2.5;
const MAX_BACK_MS = 30_000;
/** Questions for one cursor: its room opens, and pages are read behind it while more is said. */
const READS_PER_CURSOR = 10;

export function judgeStorm(outcome: StormOutcome): StormVerdict {
  const { clients, killedAtMs, downMs, logReads, reports, log } = outcome;
  const resumed = reports.flatMap((report) => report.resumed);
  const backMs = Math.max(...resumed.map(({ atMs }) => atMs)) - killedAtMs;
  const seconds = attemptsBy(1_000, reports, killedAtMs, backMs);
  const all = seconds.reduce((sum, count) => sum + count, 0);
  const mean = all / seconds.length;
  const most = Math.max(...seconds);
  const busiestAtMs = killedAtMs + 1_000 * seconds.indexOf(most);
  const spread = (Math.max(...attemptsBy(100, reports, busiestAtMs, 1_000)) * 10) / most;
  const cursors = new Set(resumed.map(({ cursor }) => cursor)).size;
  const heard = reports.flatMap((report) => report.heard);
  const acked = reports.flatMap((report) => report.acked);
  const deliveries = heard.reduce((sum, { room }) => sum + (log.get(room)?.length ?? 0), 0);
  const faults = [
    ...new Set(reports.flatMap((report) => report.faults)),
    ...(resumed.length === clients ? [] : [`${clients - resumed.length} clients did not come back`]),
    ...(logReads <= READS_PER_CURSOR * cursors ? [] : ["the log was read more than its cursors ask for"]),
    ...lossFaults(heard, acked, log),
  ];
  const misses = [
    ...(spread <= MAX_OF_MEAN
      ? []
      : [`attempts came at once: ${spread.toFixed(1)} times the mean of their second`]),
    ...(most <= MAX_TRIES * clients ? [] : [`a second had ${(most / clients).toFixed(1)} attempts a client`]),
    ...(backMs <= MAX_BACK_MS ? [] : [`the last was back after ${(backMs / 1_000).toFixed(1)} s`]),
  ];
  const alone = waitsAlone(clients, downMs, systemRandom);
  const lines = [
    `${clients} clients, killed; down for ${(downMs / 1_000).toFixed(1)} s; all back ${(backMs / 1_000).toFixed(1)} s after the kill`,
    `attempts by second: ${seconds.join(", ")}; the most is ${(most / mean).toFixed(1)} times the mean of all`,
    `the protocol's waits alone, with no machine, give ${alone.most} and ${alone.ofMean.toFixed(1)} times`,
    `the busiest second has ${(most / clients).toFixed(2)} attempts a client, and its busiest tenth ${spread.toFixed(2)} times the mean of it`,
    `${cursors} distinct cursors, ${logReads} reads of the log`,
    `${acked.length} publishes acknowledged, ${deliveries} deliveries checked`,
  ];
  return { lines, faults, misses };
}

/** Attempts in each stretch of `widthMs`, from a moment on. */
function attemptsBy(
  widthMs: number,
  reports: readonly StormReport[],
  fromMs: number,
  lengthMs: number,
): number[] {
  const counts = new Array<number>(Math.max(1, Math.ceil(lengthMs / widthMs))).fill(0);
  for (const { attemptsAt } of reports) {
    for (const atMs of attemptsAt) {
      const index = Math.floor((atMs - fromMs) / widthMs);
      if (index >= 0 && index < counts.length) counts[index] = (counts[index] ?? 0) + 1;
    }
  }
  return counts;
}

/** Everybody heard what the log has, all of it, once and in its order; and it has all that was acknowledged, once. */
function lossFaults(
  heard: readonly { readonly room: string; readonly bodies: string }[],
  acked: readonly { readonly room: string; readonly body: string }[],
  log: StormOutcome["log"],
): string[] {
  const faults: string[] = [];
  const whole = new Map([...log].map(([room, bodies]) => [room, bodies.join()]));
  const different = heard.filter(({ room, bodies }) => bodies !== whole.get(room)).length;
  if (different > 0) faults.push(`${different} clients heard something else than the log has`);
  const stored = new Map([...log].map(([room, bodies]) => [room, new Set(bodies)]));
  const lost = acked.filter(({ room, body }) => stored.get(room)?.has(body) !== true).length;
  if (lost > 0) faults.push(`${lost} acknowledged publishes are not in the log`);
  for (const [room, bodies] of log) {
    const double = bodies.length - (stored.get(room)?.size ?? 0);
    if (double > 0) faults.push(`${room} has ${double} publishes twice`);
  }
  return faults;
}
