import type { GamePlayersCalls } from "../game/game-players.ts";
import type { GameServerCalls } from "../game/game-server.ts";
import { Child } from "../processes/child.ts";
import { LOAD_CORE, SERVER_CORE } from "../processes/cores.ts";
import { cpuMsOf } from "../processes/cpu-time.ts";
import { Scratch } from "../processes/scratch.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { rotated } from "./median.ts";
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

const ENCODINGS = ["JSON", "MessagePack"] as const;
type Encoding = (typeof ENCODINGS)[number];

/** The game of the examples with fifty players, who each steer somewhere else in every tick. */
export async function game(bench: Bench): Promise<ScenarioResult> {
  const runs: Record<Encoding, GameRun[]> = { JSON: [], MessagePack: [] };
  for (let round = 0; round < bench.rounds; round += 1) {
    for (const encoding of rotated(ENCODINGS, round)) {
      const run = await play(bench, encoding === "MessagePack");
      runs[encoding].push(run);
      bench.say(`  round ${round + 1}, ${encoding}: ${rowOf([run]).join(", ")}`);
    }
  }
  const p99Ms = middle(runs.JSON.map((run) => run.p99Ms));
  const corePercent = middle(runs.JSON.map((run) => run.corePercent));
  return {
    name: "game",
    title: `Game: ${PLAYERS} players in one room, 20 ticks a second`,
    how:
      "Each player says another direction every 50 ms; the server, with its world and its log on the disk, is on one core, the players on the other. " +
      "Measured is the time from an input said until another player has the world's frame that has it, by five players who look for everybody else's.",
    table: {
      columns: ["", ...COLUMNS],
      rows: ENCODINGS.map((encoding) => [encoding, ...rowOf(runs[encoding])]),
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

const COLUMNS = ["p50", "p99", "inputs seen", "of a core", "of the ticks lost", "bytes a frame"];

function rowOf(runs: readonly GameRun[]): readonly string[] {
  const of = (pick: (run: GameRun) => number): number => middle(runs.map(pick));
  return [
    `${of((run) => run.p50Ms).toFixed(1)} ms`,
    `${of((run) => run.p99Ms).toFixed(1)} ms`,
    count(of((run) => run.samples)),
    `${of((run) => run.corePercent).toFixed(1)} %`,
    `${of((run) => run.lostPercent).toFixed(1)} %`,
    count(of((run) => run.frameBytes)),
  ];
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function play(bench: Bench, isBinary: boolean): Promise<GameRun> {
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
  await load.call("enter", { port, players: PLAYERS, isBinary });
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
