import { until } from "@parlor/testkit";
import { Flooder } from "./attack/start-flooder.ts";
import type { Told } from "./attack/tellings.ts";
import { fillRoom } from "./fill-room.ts";
import type { Flood } from "./flood.ts";
import { FloodedServer, total } from "./flooded-server.ts";
import { BASE_BYTES } from "./memory.ts";
import { Pair, quantile } from "./pair.ts";

/** What one flood did, and what was wrong. */
export interface FloodResult {
  readonly flood: Flood;
  readonly told: Told;
  readonly quietP99Ms: number;
  readonly besideP99Ms: number;
  /** The longest turn of the server's event loop, without the flood and beside it, in ms of a core. */
  readonly quietTurnMs: number;
  readonly besideTurnMs: number;
  readonly memory: {
    readonly beforeBytes: number;
    readonly peakBytes: number;
    readonly boundBytes: number;
    readonly afterBytes: number;
  };
  readonly said: number;
  /** Empty where the server held. */
  readonly faults: readonly string[];
}

/** How long the server may take to let go of what the flood left, ms: some heartbeats. */
const LET_GO_MS = 15_000;
const DEFAULT_FULL_SECONDS = 8;

export interface FloodRun {
  readonly quietSeconds: number;
  readonly floodSeconds: number;
  /** Messages before anything counts. @default 60 */
  readonly warmUp?: number;
}

/** Runs one flood against a server of its own, with a pair beside it. */
export async function runFlood(flood: Flood, run: FloodRun): Promise<FloodResult> {
  const { quietSeconds, floodSeconds, warmUp = 60 } = run;
  await using server = await FloodedServer.start({ openFiles: flood.openFiles });
  if (flood.fill !== undefined) await fillRoom(server, flood.fill);
  using pair = new Pair(server.url);
  await using flooder = await Flooder.start(flood.name, server.port, floodSeconds);
  await pair.warmUp(warmUp);
  await server.longestTurnMs();
  const before = await pair.talk(quietSeconds / 2);
  const turnBeforeMs = await server.longestTurnMs();
  const held = await holdings(server);
  const { bytes: beforeBytes } = server.memory();
  server.forgetPeak();

  const [heard, beside] = await Promise.all([flooder.flood(), pair.talk(floodSeconds)]);
  const besideTurnMs = await server.longestTurnMs();
  // A peer that reads nothing does not see that it was cut; the server counts it.
  const slowCloses = total(await server.metrics(), "parlor_slow_closes_total");
  const told = { ...heard, cutUnread: Math.max(heard.cutUnread, slowCloses) };
  await flooder.leave();
  const { peakBytes } = server.memory();
  const hasLetGo = await until(async () => isBelow(await holdings(server), held), LET_GO_MS);
  // The quiet time lies on both sides of the flood: what else the machine does is in both alike.
  await server.longestTurnMs();
  const quiet = [...before, ...(await pair.talk(quietSeconds / 2))];
  const quietTurnMs = Math.max(turnBeforeMs, await server.longestTurnMs());
  const memory = {
    beforeBytes,
    peakBytes,
    boundBytes: BASE_BYTES + flood.memoryBytes,
    afterBytes: server.memory().bytes,
  };
  const faults = [
    ...(server.process.isRunning ? [] : ["the server ended"]),
    ...(peakBytes <= memory.boundBytes ? [] : ["memory passed its bound"]),
    ...Object.entries(told.wordless).map(([what, count]) => `${count} × ${what}`),
    ...(hasLetGo
      ? []
      : [`not let go: ${JSON.stringify(await holdings(server))}, before ${JSON.stringify(held)}`]),
    ...unseen(flood, told, floodSeconds),
    ...pair.faults,
  ];
  const { said } = pair.counts;
  const [quietP99Ms, besideP99Ms] = [quantile(quiet, 0.99), quantile(beside, 0.99)];
  return { flood, told, quietP99Ms, besideP99Ms, quietTurnMs, besideTurnMs, memory, said, faults };
}

/** What must have been refused by then, and was not. */
function unseen(flood: Flood, told: Told, seconds: number): string[] {
  if (seconds < (flood.fullSeconds ?? DEFAULT_FULL_SECONDS)) return [];
  const missing = flood.words.filter((code) => told.refused[code] === undefined);
  return [
    ...missing.map((code) => `nobody was told ${code}`),
    ...(flood.cutsUnread === true && told.cutUnread === 0 ? ["nobody who reads nothing was cut"] : []),
  ];
}

const HELD = ["connections", "rooms_open", "subscriptions", "send_buffer_bytes", "slow_readers"] as const;

/** What the server holds for its peers now. */
async function holdings(server: FloodedServer): Promise<Readonly<Record<string, number>>> {
  const metrics = await server.metrics();
  return Object.fromEntries(HELD.map((name) => [name, total(metrics, `parlor_${name}`)]));
}

function isBelow(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): boolean {
  return HELD.every((name) => (now[name] ?? Number.NaN) <= (before[name] ?? 0));
}
