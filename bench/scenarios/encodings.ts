import { setTimeout as delay } from "node:timers/promises";
import { type Kind, KINDS } from "../encodings/kinds.ts";
import type { MembersCalls } from "../encodings/members-process.ts";
import type { EncodedServerCalls } from "../encodings/server-process.ts";
import { Child } from "../processes/child.ts";
import { LOAD_CORE, SERVER_CORE } from "../processes/cores.ts";
import { cpuMsOf } from "../processes/cpu-time.ts";
import type { Bench, ScenarioResult } from "./bench.ts";
import { medianRatio, rotated } from "./median.ts";
import { count, times } from "./words.ts";

/** What one run took, for each thing that a member heard. */
interface Run {
  readonly bytes: number;
  readonly serverMicroseconds: number;
  readonly memberMicroseconds: number;
  readonly heard: number;
}

const WARM_UP_MS = 1_000;
const ENCODINGS = ["JSON", "MessagePack"] as const;
type Encoding = (typeof ENCODINGS)[number];

/** The binary form beside JSON: the same server, the same clients, one after the other. */
export async function encodings(bench: Bench): Promise<ScenarioResult> {
  const windowMs = bench.isQuick ? 1_500 : 3_000;
  const kinds = Object.keys(KINDS) as Kind[];
  const all = new Map<Kind, Record<Encoding, Run[]>>(
    kinds.map((kind) => [kind, { JSON: [], MessagePack: [] }]),
  );
  for (let round = 0; round < bench.rounds; round++) {
    for (const [kind, runs] of all) {
      for (const encoding of rotated(ENCODINGS, round))
        runs[encoding].push(await run(kind, encoding, windowMs));
      const last = ENCODINGS.map(
        (encoding) => `${encoding} ${count(runs[encoding].at(-1)?.bytes ?? 0)} bytes`,
      );
      bench.say(`  round ${round + 1}, ${kind}: ${last.join(", ")} for each`);
    }
  }
  const ratio = (kind: Kind, of: (run: Run) => number): string => {
    const { JSON: json = [], MessagePack: binary = [] } = all.get(kind) ?? {};
    return times(medianRatio(binary.map(of), json.map(of)));
  };
  return {
    name: "encodings",
    title: "MessagePack beside JSON: how many times what JSON takes",
    how:
      "Real clients on WebSockets in one process, Parlor with its log in memory in another, each on a core of its own; " +
      `${windowMs / 1_000} s a run, the two encodings in turn, medians of the rounds' ratios. For each message, ` +
      "signal or change that a member hears: bytes of WebSocket messages, and CPU of either process.",
    table: {
      columns: ["what", "bytes", "CPU of the server", "CPU of the clients"],
      rows: kinds.map((kind) => [
        KINDS[kind],
        ratio(kind, ({ bytes }) => bytes),
        ratio(kind, ({ serverMicroseconds }) => serverMicroseconds),
        ratio(kind, ({ memberMicroseconds }) => memberMicroseconds),
      ]),
    },
    checks: [],
    charts: [],
    rounds: Object.fromEntries(all),
  };
}

async function run(kind: Kind, encoding: Encoding, windowMs: number): Promise<Run> {
  await using server = new Child<EncodedServerCalls>(
    new URL("../encodings/server-process.ts", import.meta.url),
    { core: SERVER_CORE },
  );
  await using members = new Child<MembersCalls>(new URL("../encodings/members-process.ts", import.meta.url), {
    core: LOAD_CORE,
  });
  const port = await server.call("start");
  await members.call("join", { port, kind, isBinary: encoding === "MessagePack" });
  await server.call("speak", kind);
  await delay(WARM_UP_MS);
  const look = async (): Promise<readonly [number, number, number, number]> => {
    const { bytes, heard } = await members.call("look");
    return [bytes, heard, cpuMsOf(server.pid) ?? Number.NaN, cpuMsOf(members.pid) ?? Number.NaN];
  };
  const before = await look();
  await delay(windowMs);
  const [bytes, heard, serverMs, memberMs] = (await look()).map((value, i) => value - (before[i] ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  if (heard === 0) throw new Error(`nothing was heard of ${kind} in ${encoding}`);
  return {
    bytes: bytes / heard,
    serverMicroseconds: (serverMs * 1_000) / heard,
    memberMicroseconds: (memberMs * 1_000) / heard,
    heard,
  };
}
