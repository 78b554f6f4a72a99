import { setTimeout as delay } from "node:timers/promises";
import { Arena } from "./arena.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { BATCHED_WS, type Contestant, PARLOR, SOCKET_IO, WS } from "./contestants.ts";
import { median } from "./median.ts";
import { kilobytes, milliseconds, percent } from "./words.ts";

const CONNECTIONS = 10_000;
const QUICK_CONNECTIONS = 2_000;
/** Come and gone before memory is read first, so that compiled code is not counted as connections. */
const WARM_UP_CONNECTIONS = 200;
const MESSAGE_BYTES = 100;
const MESSAGES = 5;
const SETTLE_MS = 1_000;
const MAX_BYTES_EACH = 10_240;
const MAX_P99_MS = 500;

interface IdleRun {
  readonly connections: number;
  readonly residentBytesEach: number;
  readonly heapBytesEach: number;
  /** Of one message to all, p99 of the connections; the median of several messages. */
  readonly toAllP99Ms: number;
  /** The smallest share that any of them reached. */
  readonly reachedShare: number;
}

/** Ten thousand who only listen: what each of them costs, and how soon one message is with all. */
export async function idleConnections(bench: Bench): Promise<ScenarioResult> {
  const connections = bench.isQuick ? QUICK_CONNECTIONS : CONNECTIONS;
  const contestants = bench.isQuick ? [PARLOR, WS] : [PARLOR, WS, BATCHED_WS, SOCKET_IO];
  const all = new Map<Contestant, IdleRun>();
  for (const contestant of contestants) {
    const run = await runIdle(bench, contestant, connections);
    all.set(contestant, run);
    bench.say(`  ${contestant.label}: ${kilobytes(run.residentBytesEach)} a connection`);
  }
  const parlor = all.get(PARLOR) as IdleRun;
  return {
    name: "idle-connections",
    title: `${connections} idle connections`,
    how:
      "All joined to one room; resident memory of the server's process after a collection, less what it was " +
      `before them (after ${WARM_UP_CONNECTIONS} that came and went). Then ${MESSAGES} messages to all, one at a time.`,
    table: {
      columns: ["server", "resident each", "of it heap", "a message to all, p99", "reached"],
      rows: [...all].map(([{ label }, run]) => [
        label,
        kilobytes(run.residentBytesEach),
        kilobytes(run.heapBytesEach),
        milliseconds(run.toAllP99Ms),
        percent(run.reachedShare),
      ]),
    },
    checks: [
      {
        what: "resident memory of an idle connection",
        target: `≤ ${kilobytes(MAX_BYTES_EACH)}`,
        measured: kilobytes(parlor.residentBytesEach),
        isReached: parlor.residentBytesEach <= MAX_BYTES_EACH,
      },
      {
        what: `a message to all ${connections}, p99`,
        target: `≤ ${MAX_P99_MS} ms`,
        measured: `${milliseconds(parlor.toAllP99Ms)}, ${percent(parlor.reachedShare)} reached`,
        isReached: parlor.toAllP99Ms <= MAX_P99_MS && parlor.reachedShare === 1,
      },
    ],
    charts: [
      {
        title: `${connections} idle connections: resident memory of the server, each`,
        bars: [...all].map(([{ label }, { residentBytesEach }]) => ({
          label,
          value: residentBytesEach,
          shown: kilobytes(residentBytesEach),
        })),
        target: MAX_BYTES_EACH,
      },
    ],
    rounds: Object.fromEntries([...all].map(([{ label }, run]) => [label, run])),
  };
}

async function runIdle(bench: Bench, { peer, dialect }: Contestant, connections: number): Promise<IdleRun> {
  await using arena = await Arena.open(bench, peer);
  const { load, port } = arena;
  await load.call("joinIdle", { port, dialect, connections: WARM_UP_CONNECTIONS });
  await load.call("announce", { messageBytes: MESSAGE_BYTES });
  await load.call("leaveIdle");
  await delay(SETTLE_MS);
  const before = await arena.serverMemory();
  await load.call("joinIdle", { port, dialect, connections });
  await delay(SETTLE_MS);
  const after = await arena.serverMemory();
  const p99s: number[] = [];
  const shares: number[] = [];
  for (let message = 0; message < MESSAGES; message++) {
    const { latency, reachedShare } = await load.call("announce", { messageBytes: MESSAGE_BYTES });
    p99s.push(latency.p99);
    shares.push(reachedShare);
  }
  await load.call("leaveIdle");
  return {
    connections,
    residentBytesEach: (after.residentBytes - before.residentBytes) / connections,
    heapBytesEach: (after.heapBytes - before.heapBytes) / connections,
    toAllP99Ms: median(p99s),
    reachedShare: Math.min(...shares),
  };
}
