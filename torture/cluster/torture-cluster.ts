import { isDeepStrictEqual } from "node:util";
import { HistoryChecker, type LogEvent, seededRandom, until, wait } from "@parlor/testkit";
import { BULK_ROOM, Crowd, ROOMS } from "../crowd.ts";
import { NETWORK_FAULTS, networkFaults } from "../faults/network-faults.ts";
import type { Flags } from "../flags.ts";
import { PORCH } from "../porch.ts";
import { readLog, readTexts } from "../read-log.ts";
import { SentFiles } from "../sent-files.ts";
import { Tally } from "../tally.ts";
import { verdictOf, type Verdict } from "../verdict.ts";
import { CLUSTER_FAULTS, clusterFaults } from "./cluster-faults.ts";
import { NODES, Nodes } from "./nodes.ts";
import { RandomRouter } from "./random-router.ts";

const STOP_MS = 30_000;
const ANSWER_PATIENCE_MS = 90_000;
const CATCH_UP_PATIENCE_MS = 90_000;
const PROGRESS_MS = 10_000;
const WEIGH_MS = 250;
const BREATH_MS = 2_000;

const KINDS = Object.keys(CLUSTER_FAULTS);
const NETWORK_KINDS = Object.keys(NETWORK_FAULTS).filter((kind) => kind !== "clock jumps");
const MARKS = [
  "clean drains",
  "leaders found",
  "connections cut",
  "resumes",
  "acked over REST",
  "files acked",
  "feeds resumed",
  "plain rooms entered again",
];

/** As `torture`, with three nodes and three servers of NATS, and clients that come to any node at each connect. */
export async function tortureCluster(
  flags: Flags & { readonly faults?: number },
  say: (line: string) => void,
  enough: AbortSignal = new AbortController().signal,
): Promise<Verdict> {
  const tally = new Tally();
  const checker = new HistoryChecker();
  const files = new SentFiles();
  const violations: string[] = [];
  const random = seededRandom(flags.seed);
  await using nodes = await Nodes.start(random);
  await using router = await RandomRouter.listen(() => nodes.processes.map(({ port }) => port), random);
  await using crowd = await Crowd.gather({
    port: router.port,
    members: flags.members,
    random,
    tally,
    record: (event) => checker.take(event),
    files,
  });
  const begunMs = performance.now();
  const runMs = flags.minutes * 60_000;
  const least = flags.faults ?? 0;
  let faults = 0;
  /** What could not be done to a node or a server: then it is over, and said in the verdict. */
  const brokenOff: string[] = [];
  const isOver = (): boolean =>
    enough.aborted || brokenOff.length > 0 || (performance.now() - begunMs > runMs && faults >= least);
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - begunMs) / 1_000);
    const found = violations.length + checker.violations.length;
    say(
      `${String(seconds).padStart(4)} s: ${faults} faults, ${tally.words(KINDS)}; ` +
        `${tally.words(["acked", "deliveries", "disconnects"])}; ${found} violations`,
    );
  }, PROGRESS_MS);
  const weighing = setInterval(() => nodes.weigh(), WEIGH_MS);
  try {
    await crowd.connected(ANSWER_PATIENCE_MS);
    crowd.talk();
    const lane = async (): Promise<void> => {
      const own = seededRandom(`${flags.seed} cluster`);
      for (const kind of clusterFaults(own)) {
        await wait(BREATH_MS * own());
        if (isOver()) return;
        try {
          await CLUSTER_FAULTS[kind]({ nodes, tally, random: own, stopMs: STOP_MS });
        } catch (error) {
          brokenOff.push(
            `it broke off at ${kind}: ${error instanceof Error ? error.message : String(error)}`,
          );
          say(brokenOff.join());
          return;
        }
        tally.add(kind);
        faults += 1;
      }
    };
    const networkLane = async (): Promise<void> => {
      const own = seededRandom(`${flags.seed} network`);
      const clock = { isAvailable: false, jump: () => 0 };
      for (const kind of networkFaults({ random: own, clock })) {
        await wait(1_000 * own());
        if (isOver()) return;
        await NETWORK_FAULTS[kind]({ crowd, tally, random: own, clock });
        tally.add(kind);
      }
    };
    await Promise.all([lane(), networkLane()]);

    violations.push(...brokenOff);
    await nodes.startAll();
    say("The faults are over; everybody comes to the end.");
    crowd.heal();
    const overMs = performance.now();
    const hushed = crowd.hush();
    if (!(await until(() => crowd.unanswered === 0, ANSWER_PATIENCE_MS)))
      violations.push(`${crowd.unanswered} publishes were never answered`);
    else await hushed;
    const rooms = [...ROOMS, BULK_ROOM];
    const readAt = async (node: number): Promise<LogEvent[]> => {
      try {
        return await Promise.all(rooms.map((room) => readLog(nodes.urlOf(node), room)));
      } catch (error) {
        violations.push(`node ${node}: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    };
    const logs = await readAt(0);
    for (const log of logs) checker.take(log);
    for (let node = 1; node < NODES; node++) {
      if (!isDeepStrictEqual(await readAt(node), logs)) {
        violations.push(`node ${node} has other rooms than node 0`);
      }
    }
    const heads = new Map(logs.map(({ room, entries }) => [room, entries.at(-1)?.offset ?? 0]));
    await crowd.catchUp(heads, CATCH_UP_PATIENCE_MS);
    const settledMs = performance.now() - overMs;
    violations.push(
      ...(await crowd.porch.judge(() => readTexts(nodes.urlOf(0), PORCH), CATCH_UP_PATIENCE_MS)),
    );
    checker.conclude(true);
    violations.push(...crowd.members.flatMap(({ fallenTimes }) => fallenTimes));
    violations.push(...checker.violations.map(({ name, message }) => `${name}: ${message}`));
    violations.push(...(await files.verify(nodes.processes.map((_, node) => nodes.urlOf(node)))));
    const wanted = [...KINDS, ...NETWORK_KINDS, ...MARKS];
    return verdictOf({
      flags,
      tally,
      violations,
      settledMs,
      peakBytes: nodes.peakBytes,
      files: files.count,
      stored: logs.reduce((sum, { entries }) => sum + entries.length, 0),
      wanted: faults < KINDS.length * 2 ? wanted.filter((kind) => tally.of(kind) > 0) : wanted,
    });
  } finally {
    clearInterval(progress);
    clearInterval(weighing);
  }
}
