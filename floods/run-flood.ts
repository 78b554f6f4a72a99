import { until, wait } from "@parlor/testkit";
import { Flooder, type Precedence } from "./attack/start-flooder.ts";
import type { Told } from "./attack/tellings.ts";
import { fillRoom } from "./fill-room.ts";
import type { Flood } from "./flood.ts";
import { FloodedServer, total, type Turns } from "./flooded-server.ts";
import { BASE_BYTES } from "./memory.ts";
import { Pairs, quantile } from "./pairs.ts";
import { BareServer } from "./start-bare-server.ts";

/** What one flood did, and what was wrong. */
export interface FloodResult {
  readonly flood: Flood;
  readonly told: Told;
  readonly quiet: Served;
  readonly beside: Served;
  /** The pairs' p99 beside the same flood against a process that does nothing, ms; null where that was not asked for. */
  readonly bareP99Ms: number | null;
  readonly memory: {
    readonly beforeBytes: number;
    readonly peakBytes: number;
    readonly boundBytes: number;
    readonly afterBytes: number;
  };
  /** Empty where the server held. */
  readonly faults: readonly string[];
}

/** How the pairs were served in a while, and what the server's event loop did. */
export interface Served extends Turns {
  readonly p99Ms: number;
}

/** How long the server may take to let go of what the flood left, ms: some heartbeats. */
const LET_GO_MS = 15_000;
const DEFAULT_FULL_SECONDS = 8;

/** For how long it is looked how busy the server is while nobody says anything, ms. */
const IDLE_LOOK_MS = 300;
/** The part of a core by which it may be busier behind a flood than before it, and how long it may take to be calm, ms. */
const CALM_SHARE = 0.02;
const CALM_MS = 20_000;

export interface FloodRun {
  readonly quietSeconds: number;
  readonly floodSeconds: number;
  /**
   * Messages of each pair before anything counts. With fewer, what the pairs need is compiled at the same message of
   * each run, which lies beside the flood: for 40 ms the compiler's threads of both processes want the cores. @default 210
   */
  readonly warmUp?: number;
  /** Whether a process that does nothing is flooded as well, before the server. @default false */
  readonly control?: boolean;
  /** What the flooder goes before. `nobody` is for a machine that does nothing else. @default "last" */
  readonly before?: Precedence;
}

/** Runs one flood against a server of its own, with well-behaved pairs beside it. */
export async function runFlood(flood: Flood, run: FloodRun): Promise<FloodResult> {
  const { quietSeconds, floodSeconds, warmUp = 210, control = false, before: precedence = "last" } = run;
  await using server = await FloodedServer.start({ openFiles: flood.openFiles });
  if (flood.fill !== undefined) await fillRoom(server, flood.fill);
  using pairs = new Pairs(server.url);
  await using flooder = await Flooder.start(flood.name, server.port, floodSeconds, precedence);
  await pairs.warmUp(warmUp);
  const idleShare = await shareWhileIdle(server);
  const before = await pairs.talk(quietSeconds / 2);
  const turnsBefore = await server.turns();
  const held = await holdings(server);
  const bareP99Ms = control ? await besideBare(flood, pairs, floodSeconds, precedence) : null;
  const { bytes: beforeBytes } = server.memory();
  server.forgetPeak();

  await server.turns();
  const [heard, beside] = await Promise.all([flooder.flood(), pairs.talk(floodSeconds)]);
  const turnsBeside = await server.turns();
  // A peer that reads nothing does not see that it was cut; the server counts it.
  const slowCloses = total(await server.metrics(), "parlor_slow_closes_total");
  const told = { ...heard, cutUnread: Math.max(heard.cutUnread, slowCloses) };
  await flooder.leave();
  const { peakBytes } = server.memory();
  const hasLetGo = await until(async () => isBelow(await holdings(server), held), LET_GO_MS);
  // The quiet time lies on both sides of the flood: what else the machine does is in both alike. What a flood
  // left to do is none of it: bodies that wait for their place are found to have no sender one after the other.
  if (quietSeconds >= 1)
    await until(async () => (await shareWhileIdle(server)) <= idleShare + CALM_SHARE, CALM_MS);
  await server.turns();
  const behind = await pairs.talk(quietSeconds / 2);
  const turnsBehind = await server.turns();
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
    ...pairs.faults,
  ];
  const quiet = {
    p99Ms: quantile([...before, ...behind], 0.99),
    longestMs: Math.max(turnsBefore.longestMs, turnsBehind.longestMs),
    share: (turnsBefore.share + turnsBehind.share) / 2,
  };
  const served = { p99Ms: quantile(beside, 0.99), ...turnsBeside };
  return { flood, told, quiet, beside: served, bareP99Ms, memory, faults };
}

/** The pairs talk over the server as ever, while somebody else on the machine is flooded. */
async function besideBare(
  flood: Flood,
  pairs: Pairs,
  seconds: number,
  precedence: Precedence,
): Promise<number> {
  await using bare = await BareServer.start();
  await using flooder = await Flooder.start(flood.name, bare.port, seconds, precedence);
  const [, times] = await Promise.all([flooder.flood(), pairs.talk(seconds)]);
  await flooder.leave();
  return quantile(times, 0.99);
}

/** Of a core, with nobody saying anything. */
async function shareWhileIdle(server: FloodedServer): Promise<number> {
  await server.turns();
  await wait(IDLE_LOOK_MS);
  return (await server.turns()).share;
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
