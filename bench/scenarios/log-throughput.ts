import type { LogCalls } from "../peers/log-process.ts";
import { Child } from "../processes/child.ts";
import { Scratch } from "../processes/scratch.ts";
import { Arena } from "./arena.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { median } from "./median.ts";
import { count } from "./words.ts";

const ROOMS = 1_000;
const GROUP_SIZE = 100;
const BODY_BYTES = 200;
const PUBLISHERS = 10;
const IN_FLIGHT = 200;
const WARM_UP_MS = 1_000;
const MIN_ALONE_PER_SECOND = 80_000;
const MIN_PUBLISHED_PER_SECOND = 40_000;

/** How much the log stores in a second: asked directly, and through the server. */
export async function logThroughput(bench: Bench): Promise<ScenarioResult> {
  const durationMs = bench.isQuick ? 2_000 : 4_000;
  const alone: number[] = [];
  const published: number[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    alone.push(await appendAlone(durationMs));
    published.push(await publishThrough(bench, durationMs));
    bench.say(
      `  round ${round + 1}: alone ${count(alone.at(-1) ?? 0)}/s, ` +
        `through ${PUBLISHERS} publishers ${count(published.at(-1) ?? 0)}/s`,
    );
  }
  const rows = [
    { label: "the log alone", each: alone, target: MIN_ALONE_PER_SECOND },
    {
      label: `through ${PUBLISHERS} WebSocket publishers`,
      each: published,
      target: MIN_PUBLISHED_PER_SECOND,
    },
  ].map((row) => ({ ...row, perSecond: median(row.each) }));
  return {
    name: "log",
    title: `The log: durable messages of ${BODY_BYTES} bytes over ${ROOMS} rooms`,
    how:
      `Alone: one process asks for groups of ${GROUP_SIZE}, two under way, on any core. Through the server: ${PUBLISHERS} ` +
      `connections with ${IN_FLIGHT} publishes in flight each, counted when their ack is back; the server on one core.`,
    table: {
      columns: ["", "messages/s", "each round"],
      rows: rows.map(({ label, perSecond, each }) => [label, count(perSecond), each.map(count).join(", ")]),
    },
    checks: rows.map(({ label, perSecond, target }) => ({
      what: `durable messages a second, ${label}`,
      target: `≥ ${count(target)}`,
      measured: count(perSecond),
      isReached: perSecond >= target,
    })),
    charts: [
      {
        title: `Durable messages a second (SQLite, synced, ${ROOMS} rooms)`,
        bars: rows.map(({ label, perSecond }) => ({ label, value: perSecond, shown: count(perSecond) })),
      },
    ],
    rounds: { alone, published },
  };
}

async function appendAlone(durationMs: number): Promise<number> {
  using scratch = new Scratch();
  await using log = new Child<LogCalls>(new URL("../peers/log-process.ts", import.meta.url), { core: null });
  const { appended, elapsedMs } = await log.call("appendGroups", {
    folder: scratch.folder,
    rooms: ROOMS,
    groupSize: GROUP_SIZE,
    bodyBytes: BODY_BYTES,
    warmUpMs: WARM_UP_MS,
    durationMs,
  });
  return appended / (elapsedMs / 1_000);
}

async function publishThrough(bench: Bench, durationMs: number): Promise<number> {
  await using arena = await Arena.open(bench, "parlor");
  const { acked, elapsedMs, refused } = await arena.load.call("publishAll", {
    port: arena.port,
    publishers: PUBLISHERS,
    rooms: ROOMS,
    inFlight: IN_FLIGHT,
    bodyBytes: BODY_BYTES,
    warmUpMs: WARM_UP_MS,
    durationMs,
  });
  if (refused > 0) throw new Error(`${refused} publishes were refused`);
  return acked / (elapsedMs / 1_000);
}
