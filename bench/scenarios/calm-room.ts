import type { Bench, Check, ScenarioResult } from "./bench.ts";
import { BATCHED_WS, type Contestant, PARLOR, PATIENT_BATCHED_WS, SOCKET_IO, WS } from "./contestants.ts";
import { rotated } from "./median.ts";
import {
  MEMBERS,
  perCpuSecond,
  perCpuSecondRatio,
  ROOM_COLUMNS,
  roomRow,
  type RoomRun,
  type RoomRuns,
  runRoom,
} from "./room-runs.ts";
import { soundRun } from "./sound-run.ts";
import { count, times } from "./words.ts";

/** Messages a second, and how many times ws's deliveries per CPU-second are asked for. */
const RATES = [
  { perSecond: 50, target: 1.2 },
  { perSecond: 100, target: 1.8 },
] as const;

/** A room of a thousand in which few talk: there is little to gather, and still it must not cost more. */
export async function calmRoom(bench: Bench): Promise<ScenarioResult> {
  const windowMs = bench.isQuick ? 2_000 : 3_000;
  const contestants = [PARLOR, BATCHED_WS, PATIENT_BATCHED_WS, WS, SOCKET_IO];
  const all = new Map<Contestant, RoomRun[][]>(contestants.map((each) => [each, []]));
  for (let round = 0; round < bench.rounds; round++) {
    for (const contestant of rotated(contestants, round)) {
      const { runs } = await soundRun(bench, contestant.label, async () => {
        const rates = RATES.map(({ perSecond }) => perSecond);
        const runs = await runRoom(bench, contestant, rates, windowMs);
        const starved = runs.find(({ pace }) => pace.isStarved) ?? (runs[0] as RoomRun);
        return { runs, pace: starved.pace };
      });
      all.get(contestant)?.push(runs);
      const shown = runs.map((run) => `${count(run.deliveriesPerCpuSecond)} at ${run.perSecond}/s`);
      bench.say(`  round ${round + 1}, ${contestant.label}: deliveries per CPU-second ${shown.join(", ")}`);
    }
  }
  const at = (rate: number, contestant: Contestant): RoomRuns => ({
    contestant,
    runs: (all.get(contestant) ?? []).map((runs) => runs[rate] as RoomRun),
  });
  return {
    name: "calm-room",
    title: `Calm room: ${MEMBERS} members, ${RATES.map(({ perSecond }) => perSecond).join(" and ")} messages/s`,
    how: "As the busy room, but for the rate.",
    table: {
      columns: ["messages/s", ...ROOM_COLUMNS],
      rows: RATES.flatMap(({ perSecond }, rate) =>
        contestants.map((each) => [String(perSecond), ...roomRow(at(rate, each), at(rate, PARLOR))]),
      ),
    },
    checks: RATES.map(({ perSecond, target }, rate): Check => {
      const ratio = perCpuSecondRatio(at(rate, PARLOR), at(rate, WS));
      return {
        what: `deliveries per CPU-second beside ws at ${perSecond} messages/s`,
        target: `≥ ${target} ×`,
        measured: times(ratio),
        isReached: ratio >= target,
      };
    }),
    charts: RATES.map(({ perSecond }, rate) => ({
      title: `Calm room (${MEMBERS} members, ${perSecond} messages/s): deliveries per CPU-second of the server`,
      bars: contestants.map((each) => {
        const value = perCpuSecond(at(rate, each).runs);
        return { label: each.label, value, shown: count(value) };
      }),
    })),
    rounds: Object.fromEntries([...all].map(([{ label }, runs]) => [label, runs])),
  };
}
