import type { GamePlayersCalls } from "../game/game-players.ts";
import type { GameServerCalls } from "../game/game-server.ts";
import { Child } from "../processes/child.ts";
import { LOAD_CORE, SERVER_CORE } from "../processes/cores.ts";
import { cpuMsOf } from "../processes/cpu-time.ts";
import { Scratch } from "../processes/scratch.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { count } from "./words.ts";

const PLAYERS = 50;
const MAX_P99_MS = 120;
const MAX_CORE_PERCENT = 30;

interface GameRun {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly samples: number;
  readonly corePercent: number;
  /** Of the frames that should have come to those who look. */
  readonly lostPercent: number;
  readonly frameBytes: number;
}

/** The game of the examples with fifty players, who each steer somewhere else in every tick. */
export async function game(bench: Bench): Promise<ScenarioResult> {
  const runs: GameRun[] = [];
  for (let round = 0; round < bench.rounds; round += 1) {
    const run = await play(bench);
    runs.push(run);
    bench.say(
      `  round ${round + 1}: p50 ${run.p50Ms.toFixed(1)} ms, p99 ${run.p99Ms.toFixed(1)} ms, ${run.corePercent.toFixed(1)} % of a core, ${run.lostPercent.toFixed(1)} % of the ticks lost`,
    );
  }
  const of = (pick: (run: GameRun) => number): number => {
    const sorted = runs.map(pick).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? NaN;
  };
  const p99Ms = of((run) => run.p99Ms);
  const corePercent = of((run) => run.corePercent);
  return {
    name: "game",
    title: `Game: ${PLAYERS} players in one room, 20 ticks a second`,
    how: "Each player says another direction every 50 ms; the world, its state on the disk included, is on one core, the players on the other. Measured is the time from an input said until another player has the world's frame that has it, by five players who look for everybody else's.",
    table: {
      columns: ["", "p50 ms", "p99 ms", "inputs seen", "% of the core", "% of ticks lost", "bytes a frame"],
      rows: [
        [
          "Parlor",
          of((run) => run.p50Ms).toFixed(1),
          p99Ms.toFixed(1),
          count(of((run) => run.samples)),
          corePercent.toFixed(1),
          of((run) => run.lostPercent).toFixed(1),
          count(of((run) => run.frameBytes)),
        ],
      ],
    },
    checks: [
      {
        what: "p99 from an input to the frame at the others",
        target: `≤ ${MAX_P99_MS} ms`,
        measured: `${p99Ms.toFixed(1)} ms`,
        isReached: p99Ms <= MAX_P99_MS,
      },
      {
        what: "CPU of the game's server",
        target: `≤ ${MAX_CORE_PERCENT} % of a core`,
        measured: `${corePercent.toFixed(1)} %`,
        isReached: corePercent <= MAX_CORE_PERCENT,
      },
    ],
    charts: [],
    rounds: runs,
  };
}

async function play(bench: Bench): Promise<GameRun> {
  using scratch = new Scratch();
  const profile = bench.profileFolder === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${bench.profileFolder}`];
  await using server = new Child<GameServerCalls>(new URL("../game/game-server.ts", import.meta.url), {
    core: SERVER_CORE,
    nodeOptions: profile,
  });
  await using load = new Child<GamePlayersCalls>(new URL("../game/game-players.ts", import.meta.url), {
    core: LOAD_CORE,
  });
  const cpuMs = async (): Promise<number> => cpuMsOf(server.pid) ?? (await server.call("cpuMs"));
  const port = await server.call("start", scratch.folder);
  await load.call("enter", { port, players: PLAYERS });
  // Behind what only the first seconds cost: code that is compiled, buffers that grow.
  await load.call("play", 3_000);
  const [beganMs, cpuBeforeMs] = [performance.now(), await cpuMs()];
  const played = await load.call("play", bench.isQuick ? 5_000 : 15_000);
  const corePercent = (100 * ((await cpuMs()) - cpuBeforeMs)) / (performance.now() - beganMs);
  // While the players are still there: who goes in the middle is no part of it.
  if (bench.profileFolder !== null) await server.call("stop");
  const tookMs = [...played.tookMs].sort((a, b) => a - b);
  return {
    p50Ms: tookMs[Math.floor(tookMs.length * 0.5)] ?? NaN,
    p99Ms: tookMs[Math.floor(tookMs.length * 0.99)] ?? NaN,
    samples: tookMs.length,
    corePercent,
    lostPercent: 100 * (1 - played.frames / played.ticks),
    frameBytes: played.frameBytes,
  };
}
