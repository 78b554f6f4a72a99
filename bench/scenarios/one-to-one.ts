import type { OneToOneResult } from "../load/one-to-one-load.ts";
import { Arena } from "./arena.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { BATCHED_WS, type Contestant, PARLOR, SOCKET_IO, WS } from "./contestants.ts";
import { median, medianRatio } from "./median.ts";
import { milliseconds, times } from "./words.ts";

const MESSAGE_BYTES = 100;
const MAX_P50_MS = 2;
const MAX_TIMES_SYNC = 5;

/** One who speaks and one who hears: what a message takes when nothing else goes on. */
export async function oneToOne(bench: Bench): Promise<ScenarioResult> {
  const messages = bench.isQuick ? 200 : 600;
  const contestants = [PARLOR, WS, BATCHED_WS, SOCKET_IO];
  const all = new Map<Contestant, OneToOneResult[]>();
  for (const contestant of contestants) {
    // The others store nothing; one round shows where they stand.
    const rounds = contestant === PARLOR ? bench.rounds : 1;
    const results: OneToOneResult[] = [];
    for (let round = 0; round < rounds; round++) {
      results.push(await runOne(bench, contestant, messages));
    }
    all.set(contestant, results);
    bench.say(`  ${contestant.label}: p50 ${milliseconds(median(results.map((r) => r.delivery.p50)))}`);
  }
  const parlor = all.get(PARLOR) ?? [];
  const p50 = median(parlor.map(({ delivery }) => delivery.p50));
  const timesSync = medianRatio(
    parlor.map(({ delivery }) => delivery.p99),
    parlor.map(({ sync }) => sync.p99),
  );
  const row = (
    label: string,
    of: (result: OneToOneResult) => OneToOneResult["delivery"],
    rounds: OneToOneResult[],
  ) => [
    label,
    milliseconds(median(rounds.map((result) => of(result).p50))),
    milliseconds(median(rounds.map((result) => of(result).p99))),
  ];
  return {
    name: "one-to-one",
    title: "One publisher, one subscriber, an idle server",
    how:
      `${messages} messages of ${MESSAGE_BYTES} bytes, some 15 ms apart, from publish until the subscriber has parsed it. ` +
      "Between two of them the load process writes 4 KiB to the same disk and waits for fsync: the bare loop.",
    table: {
      columns: ["server", "p50", "p99"],
      rows: [
        ...contestants.map((each) => row(each.label, ({ delivery }) => delivery, all.get(each) ?? [])),
        row("bare write and fsync, beside Parlor", ({ sync }) => sync, parlor),
      ],
    },
    checks: [
      {
        what: "publish to delivery, p50",
        target: `≤ ${MAX_P50_MS} ms`,
        measured: milliseconds(p50),
        isReached: p50 <= MAX_P50_MS,
      },
      {
        what: "publish to delivery, p99, beside the bare loop's p99",
        target: `≤ ${MAX_TIMES_SYNC} ×`,
        measured: times(timesSync),
        isReached: timesSync <= MAX_TIMES_SYNC,
      },
    ],
    charts: [
      {
        title: "One publisher, one subscriber: publish to delivery, median",
        bars: contestants.map((each) => {
          const value = median((all.get(each) ?? []).map(({ delivery }) => delivery.p50));
          return { label: each.label, value, shown: milliseconds(value) };
        }),
        target: MAX_P50_MS,
      },
    ],
    rounds: Object.fromEntries([...all].map(([{ label }, results]) => [label, results])),
  };
}

async function runOne(bench: Bench, contestant: Contestant, messages: number): Promise<OneToOneResult> {
  await using arena = await Arena.open(bench, contestant.peer);
  const { load, port, folder } = arena;
  return await load.call("oneToOne", {
    port,
    dialect: contestant.dialect,
    messages,
    messageBytes: MESSAGE_BYTES,
    folder,
  });
}
