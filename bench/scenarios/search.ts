import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ParlorClient } from "@parlor/client";
import { SqliteLog } from "@parlor/log";
import { ProcessKiller, seededRandom } from "@parlor/testkit";
import { Scratch } from "../processes/scratch.ts";
import { indexed, searchMetric } from "../processes/search-index.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { count } from "./words.ts";

const COMMAND = join(import.meta.dirname, "../../apps/chat/server/main.ts");

const ROOMS = 50;
const WORDS_A_MESSAGE = 12;
const VOCABULARY = 20_000;
const APPENDS_AT_ONCE = 1_000;
const PER_SECOND = 200;
/** Each has an identity of its own, which may search ten times a second. */
const SEARCHERS = 4;
const SEARCH_EVERY_MS = 150;
const MAX_P95_MS = 100;
const MAX_LAG_MS = 2_000;

/** How quickly the chat's search answers while messages come in, and how far its index is behind them. */
export async function search(bench: Bench): Promise<ScenarioResult> {
  const messages = bench.isQuick ? 50_000 : 1_000_000;
  const durationMs = bench.isQuick ? 5_000 : 30_000;
  using scratch = new Scratch();
  const text = textMaker();
  await fillLog(scratch.folder, messages, text);
  bench.say(`  ${count(messages)} messages are in the log`);
  await using server = new ProcessKiller({
    command: (port) => [
      process.execPath,
      ...[COMMAND, "--data", scratch.folder, "--port", String(port), "--publish-per-second", "Infinity"],
    ],
    random: seededRandom("search"),
  });
  await server.start();
  const url = `http://127.0.0.1:${server.port}/`;
  const startedMs = performance.now();
  await indexed(url, messages);
  const indexingMs = performance.now() - startedMs;
  bench.say(`  indexed in ${Math.round(indexingMs / 1_000)} s`);
  const { latencies, lags } = await underLoad(url, text, durationMs);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => quantile(latencies, q));
  const lagMs = Math.max(...lags);
  return {
    name: "search",
    title: `Search over ${count(messages)} messages while ${PER_SECOND} a second come in`,
    how:
      `The parlor command; ${ROOMS} rooms, ${WORDS_A_MESSAGE} words a message of ${count(VOCABULARY)} (few of them common); ` +
      `${SEARCHERS} clients search all rooms: one word, two, a beginning, a phrase, an author, a day. The lag is that of the metrics.`,
    table: {
      columns: ["searches", "p50 ms", "p95 ms", "p99 ms", "longest lag ms", "indexed a second, from nothing"],
      rows: [
        [
          count(latencies.length),
          ...[p50, p95, p99].map((ms) => (ms ?? NaN).toFixed(1)),
          lagMs.toFixed(0),
          count(messages / (indexingMs / 1_000)),
        ],
      ],
    },
    checks: [
      {
        what: `a search of ${count(messages)} messages, p95`,
        target: `≤ ${MAX_P95_MS} ms`,
        measured: `${(p95 ?? NaN).toFixed(1)} ms`,
        isReached: (p95 ?? Infinity) <= MAX_P95_MS,
      },
      {
        what: `the index behind ${PER_SECOND} messages a second`,
        target: `≤ ${MAX_LAG_MS} ms`,
        measured: `${lagMs.toFixed(0)} ms`,
        isReached: lagMs <= MAX_LAG_MS,
      },
    ],
    charts: [],
    rounds: { latencies, lags, indexingMs },
  };
}

/** Texts whose words are as unevenly common as those of a language. */
function textMaker(): () => string {
  const random = seededRandom("texts");
  const word = (): string => `w${Math.floor(VOCABULARY * random() ** 4).toString(36)}`;
  return () => Array.from({ length: WORDS_A_MESSAGE }, word).join(" ");
}

async function fillLog(folder: string, messages: number, text: () => string): Promise<void> {
  const log = await SqliteLog.open({ folder });
  for (let n = 0; n < messages; n += APPENDS_AT_ONCE) {
    const appends = Array.from({ length: APPENDS_AT_ONCE }, (_, index) =>
      log.append({
        room: `room-${(n + index) % ROOMS}`,
        from: `author-${(n + index) % 1_000}`,
        producer: "producer1",
        seq: 1,
        afterSeq: 0,
        bodyJson: JSON.stringify({ text: text(), name: "Ada" }),
        remember: false,
        admit: "any",
      }),
    );
    await Promise.all(appends);
  }
  await log.close();
}

async function underLoad(
  url: string,
  text: () => string,
  durationMs: number,
): Promise<{ readonly latencies: number[]; readonly lags: number[] }> {
  const endMs = performance.now() + durationMs;
  const latencies: number[] = [];
  const lags: number[] = [];
  const rooms = Array.from({ length: ROOMS }, (_, index) => `room-${index}`);
  const clients = Array.from({ length: SEARCHERS + 1 }, () => new ParlorClient(url));
  const [publisher, ...searchers] = clients as [ParlorClient, ...ParlorClient[]];
  const publishing = async (): Promise<void> => {
    const beganMs = performance.now();
    for (let sent = 0; performance.now() < endMs; ) {
      const due = Math.floor(((performance.now() - beganMs) / 1_000) * PER_SECOND);
      for (; sent < due; sent++) {
        // Whether each is stored is not what is measured; one that is not is seen in the lag.
        publisher
          .room(`room-${sent % ROOMS}`)
          .publish({ text: text(), name: "Bob" })
          .catch(() => undefined);
      }
      await wait(10);
    }
  };
  const searching = async (client: ParlorClient, nth: number): Promise<void> => {
    for (let n = nth; performance.now() < endMs; n++) {
      const startedMs = performance.now();
      await client.request("search", { rooms, ...asked(n, text()) });
      latencies.push(performance.now() - startedMs);
      await wait(Math.max(0, SEARCH_EVERY_MS - (performance.now() - startedMs)));
    }
  };
  const watching = async (): Promise<void> => {
    while (performance.now() < endMs) {
      lags.push((await searchMetric(url, "lag_seconds")) * 1_000);
      await wait(100);
    }
  };
  try {
    await Promise.all([publishing(), watching(), ...searchers.map(searching)]);
  } finally {
    for (const client of clients) client.close();
  }
  return { latencies, lags };
}

/** What people look for, in turn, of words that there are. */
function asked(n: number, text: string): Record<string, unknown> {
  const [one = "", two = ""] = text.split(" ");
  const dayMs = 86_400_000;
  switch (n % 6) {
    case 0:
      return { text: `${one} ` };
    case 1:
      return { text: `${one} ${two} ` };
    case 2:
      return { text: one.slice(0, 3) };
    case 3:
      return { text: `"${one} ${two}"` };
    case 4:
      return { text: `${one} `, from: `author-${n % 1_000}` };
    default:
      return { text: one, since: Date.now() - dayMs, until: Date.now() };
  }
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? NaN;
}
