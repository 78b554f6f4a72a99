import type { Bench, Check, ScenarioResult } from "./bench.ts";
import {
  BATCHED_WS,
  type Contestant,
  PARLOR,
  PARLOR_PLAIN,
  PATIENT_BATCHED_WS,
  SOCKET_IO,
  WS,
} from "./contestants.ts";
import { median, rotated } from "./median.ts";
import {
  faults,
  MEMBERS,
  MESSAGE_BYTES,
  perCpuSecond,
  perCpuSecondRatio,
  ROOM_COLUMNS,
  roomRow,
  type RoomRun,
  type RoomRuns,
  runRoom,
  worstShare,
} from "./room-runs.ts";
import { soundRun } from "./sound-run.ts";
import { count, milliseconds, percent, times } from "./words.ts";

const PER_SECOND = 1_000;

/** A room of a thousand in which everybody talks at once. */
export async function busyRoom(bench: Bench): Promise<ScenarioResult> {
  const windowMs = bench.isQuick ? 2_000 : 4_000;
  const contestants = [PARLOR, PARLOR_PLAIN, BATCHED_WS, PATIENT_BATCHED_WS, WS, SOCKET_IO];
  const all = new Map<Contestant, RoomRun[]>(contestants.map((each) => [each, []]));
  for (let round = 0; round < bench.rounds; round++) {
    for (const contestant of rotated(contestants, round)) {
      const run = await soundRun(
        bench,
        contestant.label,
        async () => (await runRoom(bench, contestant, [PER_SECOND], windowMs))[0] as RoomRun,
      );
      all.get(contestant)?.push(run);
      bench.say(
        `  round ${round + 1}, ${contestant.label}: ${count(run.deliveriesPerCpuSecond)} deliveries per CPU-second, ` +
          `${percent(run.end.deliveredShare)} delivered, p99 ${milliseconds(run.latency.p99)}`,
      );
    }
  }
  const of = (contestant: Contestant): RoomRuns => ({ contestant, runs: all.get(contestant) ?? [] });
  const parlor = of(PARLOR);
  const p99 = median(parlor.runs.map(({ latency }) => latency.p99));
  const share = worstShare(parlor.runs);
  const faultCount = faults(parlor.runs);
  const atLeast = (other: Contestant, target: number): Check => {
    const ratio = perCpuSecondRatio(parlor, of(other));
    return {
      what: `deliveries per CPU-second beside ${other.label}`,
      target: `≥ ${target} ×`,
      measured: times(ratio),
      isReached: ratio >= target,
    };
  };
  return {
    name: "busy-room",
    title: `Busy room: ${MEMBERS} members, ${PER_SECOND} messages/s of ${MESSAGE_BYTES} bytes`,
    how:
      "Ten of the members publish, each when it likes; twenty parse every frame and check order and uniqueness; the others count. " +
      "Parlor stores every message in SQLite, synced, before anybody sees it; the others store nothing.",
    table: { columns: ROOM_COLUMNS, rows: contestants.map((each) => roomRow(of(each), parlor)) },
    checks: [
      {
        what: "delivered, checked without a fault",
        target: "100 %",
        measured: `${percent(share)}, ${faultCount} faults`,
        isReached: share === 1 && faultCount === 0,
      },
      atLeast(WS, 15),
      atLeast(SOCKET_IO, 25),
      atLeast(BATCHED_WS, 0.9),
      { what: "latency p99", target: "≤ 60 ms", measured: milliseconds(p99), isReached: p99 <= 60 },
    ],
    charts: [
      {
        title: `Busy room (${MEMBERS} members, ${PER_SECOND} messages/s): deliveries per CPU-second of the server`,
        bars: contestants.map((each) => {
          const value = perCpuSecond(of(each).runs);
          return { label: each.label, value, shown: count(value) };
        }),
      },
    ],
    rounds: Object.fromEntries([...all].map(([{ label }, runs]) => [label, runs])),
  };
}
