import type { LatencySummary } from "../load/latencies.ts";
import type { AskerName } from "../load/request-load.ts";
import { Arena } from "./arena.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { median, medianRatio, rotated } from "./median.ts";
import { times } from "./words.ts";

const MIN_PAIRS = 9;
const MAX_TIMES_SOCKET_IO = 1.15;
const WARM_UP = 1_000;
const BLOCK = 100;

const ASKERS: readonly AskerName[] = ["parlor", "socket.io"];
const LABELS: Readonly<Record<AskerName, string>> = {
  parlor: "Parlor, client.request",
  "socket.io": "Socket.IO, emitWithAck",
};

type Pair = Readonly<Record<AskerName, LatencySummary>>;

/** What a call of a handler on the server takes, when nothing else goes on. */
export async function requests(bench: Bench): Promise<ScenarioResult> {
  const pairs = bench.isQuick ? 3 : Math.max(MIN_PAIRS, bench.rounds);
  const blocks = bench.isQuick ? 10 : 20;
  const all: Pair[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const one = await runPair(bench, blocks, pair);
    all.push(one);
    bench.say(
      `  p50 ${ASKERS.map((name) => `${LABELS[name]} ${microseconds(one[name].p50)}`).join(", ")}: ` +
        times(one.parlor.p50 / one["socket.io"].p50),
    );
  }
  const p50s = (name: AskerName): number[] => all.map((pair) => pair[name].p50);
  const p99s = (name: AskerName): number[] => all.map((pair) => pair[name].p99);
  const ratio = medianRatio(p50s("parlor"), p50s("socket.io"));
  return {
    name: "requests",
    title: "A request and its answer, an idle server",
    how:
      `${blocks * BLOCK} requests of 100 bytes and answers of as many, each when the last was answered, over a ` +
      `WebSocket; ${pairs} pairs of fresh servers and clients, which take turns of ${BLOCK} requests.`,
    table: {
      columns: ["client", "p50", "p99"],
      rows: ASKERS.map((name) => [
        LABELS[name],
        microseconds(median(p50s(name))),
        microseconds(median(p99s(name))),
      ]),
    },
    checks: [
      {
        what: "a request's p50 beside emitWithAck's, median of the pairs",
        target: `≤ ${MAX_TIMES_SOCKET_IO} ×`,
        measured: times(ratio),
        isReached: ratio <= MAX_TIMES_SOCKET_IO,
      },
    ],
    charts: [
      {
        title: "A request and its answer, median",
        bars: ASKERS.map((name) => {
          const value = median(p50s(name));
          return { label: LABELS[name], value, shown: microseconds(value) };
        }),
      },
    ],
    rounds: all,
  };
}

async function runPair(bench: Bench, blocks: number, pair: number): Promise<Pair> {
  await using parlor = await Arena.open(bench, "parlor");
  await using socketIo = await Arena.open(bench, "socket.io");
  const arenas: Readonly<Record<AskerName, Arena>> = { parlor, "socket.io": socketIo };
  for (const asker of ASKERS) {
    const { load, port } = arenas[asker];
    await load.call("joinRequests", { port, asker, warmUp: WARM_UP });
  }
  // In short turns, so that a machine in a bad mood is seen in both.
  for (let block = 0; block < blocks; block++) {
    for (const asker of rotated(ASKERS, pair + block)) {
      await arenas[asker].load.call("askRequests", { requests: BLOCK });
    }
  }
  return {
    parlor: await parlor.load.call("endRequests"),
    "socket.io": await socketIo.load.call("endRequests"),
  };
}

function microseconds(ms: number): string {
  return `${Math.round(ms * 1_000)} µs`;
}
