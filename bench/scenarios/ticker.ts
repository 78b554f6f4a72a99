import { setTimeout as delay } from "node:timers/promises";
import { Child } from "../processes/child.ts";
import { LOAD_CORE, SERVER_CORE } from "../processes/cores.ts";
import { cpuMsOf } from "../processes/cpu-time.ts";
import type { TickerReadersCalls } from "../ticker/ticker-readers.ts";
import type { TickerServerCalls, Way } from "../ticker/ticker-server.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { median, medianRatio, rotated } from "./median.ts";
import { count, times } from "./words.ts";

const WARM_UP_MS = 2_000;
const SLOW_BYTES_PER_SECOND = 65_536;
const MAX_AGE_MS = 1_000;

/** Frames of their own to a thousand readers are five million a second, so that way is measured with as many as it can. */
const WAYS: Readonly<Record<Way, { readonly what: string; readonly readers: number }>> = {
  state: { what: "state, the newest of each key", readers: 1_000 },
  messages: { what: "every change as a message", readers: 1_000 },
  frames: { what: "every change as a frame of its own (`ws`)", readers: 20 },
};

const TRANSPORTS = ["websocket", "stream", "poll"] as const;
type Transport = (typeof TRANSPORTS)[number];

interface Run {
  /** Of a core, for each reader. */
  readonly corePerMille: number;
  readonly corePercent: number;
  readonly kilobytesEach: number;
  readonly framesEach: number;
}

interface SlowRun {
  readonly p50Ms: number;
  readonly worstMs: number;
  readonly kilobytes: number;
}

/** The example's ticker: 500 keys, 5,000 changes a second. */
export async function ticker(bench: Bench): Promise<ScenarioResult> {
  const ways = Object.keys(WAYS) as Way[];
  const runs: Record<Way, Run[]> = { state: [], messages: [], frames: [] };
  const slow: Record<Transport, SlowRun[]> = { websocket: [], stream: [], poll: [] };
  for (let round = 0; round < bench.rounds; round += 1) {
    for (const way of rotated(ways, round)) {
      const run = await measure(bench, way);
      runs[way].push(run);
      bench.say(`  round ${round + 1}, ${WAYS[way].what}: ${rowOf([run]).join(", ")}`);
    }
    for (const transport of TRANSPORTS) {
      const run = await readSlowly(bench, transport);
      slow[transport].push(run);
      bench.say(`  round ${round + 1}, 64 KB/s over ${transport}: ${slowRowOf([run]).join(", ")}`);
    }
  }
  const perReader = (way: Way): number[] => runs[way].map(({ corePerMille }) => corePerMille);
  return {
    name: "ticker",
    title: "Ticker: 500 keys, 5,000 changes a second",
    how:
      "The example's server on one core, readers on the other; CPU is all that the server's process takes, its generator included, " +
      "by the number of its readers. Every change as a frame of its own fits a core only for few readers, so it has 20. " +
      "The age is that of the newest price which a client at 64 KB/s has, looked at 50 times a second from its first whole state on.",
    table: {
      columns: ["what", "readers", "CPU a reader", "of a core in all", "KB/s a reader", "frames/s a reader"],
      rows: [
        ...ways.map((way) => [WAYS[way].what, `${WAYS[way].readers}`, ...rowOf(runs[way])]),
        ...TRANSPORTS.map((transport) => [
          `64 KB/s over ${transport}: newest price`,
          "1",
          ...slowRowOf(slow[transport]),
        ]),
      ],
    },
    checks: [
      {
        what: "CPU a reader beside every change as a message",
        target: "less",
        measured: times(medianRatio(perReader("state"), perReader("messages"))),
        isReached: medianRatio(perReader("state"), perReader("messages")) < 1,
      },
      {
        what: "CPU a reader beside every change as a frame of its own",
        target: "less",
        measured: times(medianRatio(perReader("state"), perReader("frames"))),
        isReached: medianRatio(perReader("state"), perReader("frames")) < 1,
      },
      ...TRANSPORTS.map((transport) => {
        const worstMs = Math.max(...slow[transport].map((run) => run.worstMs));
        return {
          what: `oldest that the newest price got at 64 KB/s, over ${transport}`,
          target: `≤ ${MAX_AGE_MS} ms`,
          measured: `${worstMs.toFixed(0)} ms`,
          isReached: worstMs <= MAX_AGE_MS,
        };
      }),
    ],
    charts: [],
    rounds: { runs, slow },
  };
}

function rowOf(runs: readonly Run[]): readonly string[] {
  const of = (pick: (run: Run) => number): number => median(runs.map(pick));
  return [
    `${of((run) => run.corePerMille).toFixed(2)} ‰`,
    `${of((run) => run.corePercent).toFixed(0)} %`,
    of((run) => run.kilobytesEach).toFixed(0),
    count(of((run) => run.framesEach)),
  ];
}

function slowRowOf(runs: readonly SlowRun[]): readonly string[] {
  return [
    `age p50 ${median(runs.map((run) => run.p50Ms)).toFixed(0)} ms`,
    `worst ${Math.max(...runs.map((run) => run.worstMs)).toFixed(0)} ms`,
    median(runs.map((run) => run.kilobytes)).toFixed(0),
    "",
  ];
}

function children(bench: Bench): { server: Child<TickerServerCalls>; readers: Child<TickerReadersCalls> } {
  const nodeOptions =
    bench.profileFolder === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${bench.profileFolder}`];
  return {
    server: new Child(new URL("../ticker/ticker-server.ts", import.meta.url), {
      core: SERVER_CORE,
      nodeOptions,
    }),
    readers: new Child(new URL("../ticker/ticker-readers.ts", import.meta.url), { core: LOAD_CORE }),
  };
}

export async function measure(bench: Bench, way: Way): Promise<Run> {
  const { server, readers } = children(bench);
  await using _server = server;
  await using _readers = readers;
  const { readers: number } = WAYS[way];
  await readers.call("open", { port: await server.call("start", way), way, readers: number });
  await delay(WARM_UP_MS);
  const look = async (): Promise<readonly [number, number, number, number]> => {
    const { frames, bytes } = await readers.call("came");
    return [performance.now(), cpuMsOf(server.pid) ?? (await server.call("cpuMs")), frames, bytes];
  };
  const before = await look();
  await delay(bench.isQuick ? 4_000 : 10_000);
  const [ms = 1, cpuMs = 0, frames = 0, bytes = 0] = (await look()).map(
    (value, index) => value - (before[index] ?? 0),
  );
  return {
    corePerMille: (1_000 * cpuMs) / ms / number,
    corePercent: (100 * cpuMs) / ms,
    kilobytesEach: bytes / number / ms,
    framesEach: (1_000 * frames) / number / ms,
  };
}

export async function readSlowly(bench: Bench, transport: Transport): Promise<SlowRun> {
  const { server, readers } = children(bench);
  await using _server = server;
  await using _readers = readers;
  const port = await server.call("start", "state");
  const windowMs = bench.isQuick ? 8_000 : 20_000;
  const { agesMs, bytesPerSecond } = await readers.call("readSlowly", {
    port,
    bytesPerSecond: SLOW_BYTES_PER_SECOND,
    windowMs,
    transport,
  });
  return { p50Ms: median(agesMs), worstMs: Math.max(...agesMs), kilobytes: bytesPerSecond / 1_000 };
}
