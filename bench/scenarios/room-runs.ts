import type { RoomEnd, Window } from "../load/room-load.ts";
import { Arena } from "./arena.ts";
import type { Bench } from "./bench.ts";
import type { Contestant } from "./contestants.ts";
import { medianRatio, median } from "./median.ts";
import { count, milliseconds, percent } from "./words.ts";

export const MEMBERS = 1_000;
export const CHECKED_MEMBERS = 20;
export const PUBLISHERS = 10;
export const MESSAGE_BYTES = 100;
const WARM_UP_MS = 1_000;

/** One rate of one contestant in one round. */
export interface RoomRun extends Window {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly deliveriesPerCpuSecond: number;
  readonly end: RoomEnd;
}

/** Fills a room of one contestant and publishes at each rate in turn, warmed up first. */
export async function runRoom(
  bench: Bench,
  contestant: Contestant,
  rates: readonly number[],
  windowMs: number,
): Promise<RoomRun[]> {
  await using arena = await Arena.open(bench, contestant.peer);
  const { load, port } = arena;
  await load.call("joinRoom", {
    port,
    dialect: contestant.dialect,
    members: MEMBERS,
    checked: CHECKED_MEMBERS,
    publishers: PUBLISHERS,
    messageBytes: MESSAGE_BYTES,
  });
  const windows: Omit<RoomRun, "end">[] = [];
  for (const perSecond of rates) {
    await load.call("publish", { perSecond, durationMs: WARM_UP_MS });
    const cpuBefore = await arena.serverCpuMs();
    const window = await load.call("publish", { perSecond, durationMs: windowMs });
    const cpuMs = (await arena.serverCpuMs()) - cpuBefore;
    windows.push({
      ...window,
      perSecond,
      cpuMs,
      deliveriesPerCpuSecond: window.deliveries / (cpuMs / 1_000),
    });
  }
  const end = await load.call("endRoom");
  return windows.map((window) => ({ ...window, end }));
}

/** All rounds of one contestant at one rate. */
export interface RoomRuns {
  readonly contestant: Contestant;
  readonly runs: readonly RoomRun[];
}

export const ROOM_COLUMNS = [
  "server",
  "deliveries per CPU-second",
  "Parlor is",
  "delivered",
  "core busy",
  "latency p50",
  "p99",
  "faults",
];

/** A line of the table: medians over the rounds, and the worst of what may not happen. */
export function roomRow({ contestant, runs }: RoomRuns, parlor: RoomRuns): string[] {
  const ratio = perCpuSecondRatio(parlor, { contestant, runs });
  return [
    contestant.label,
    count(perCpuSecond(runs)),
    contestant === parlor.contestant ? "" : `${ratio.toFixed(2)} ×`,
    percent(worstShare(runs)),
    percent(median(runs.map(({ cpuMs, elapsedMs }) => cpuMs / elapsedMs))),
    milliseconds(median(runs.map(({ latency }) => latency.p50))),
    milliseconds(median(runs.map(({ latency }) => latency.p99))),
    String(faults(runs)),
  ];
}

export function perCpuSecond(runs: readonly RoomRun[]): number {
  return median(runs.map(({ deliveriesPerCpuSecond }) => deliveriesPerCpuSecond));
}

/** How many times the deliveries per CPU-second of `right` the ones of `left` are. */
export function perCpuSecondRatio(left: RoomRuns, right: RoomRuns): number {
  return medianRatio(
    left.runs.map((run) => run.deliveriesPerCpuSecond),
    right.runs.map((run) => run.deliveriesPerCpuSecond),
  );
}

export function worstShare(runs: readonly RoomRun[]): number {
  return Math.min(...runs.map(({ end }) => end.deliveredShare));
}

/** What the checked members found, and members whose connection ended. */
export function faults(runs: readonly RoomRun[]): number {
  return runs.reduce((sum, { end }) => sum + end.check.faultCount + end.lostMembers, 0);
}
