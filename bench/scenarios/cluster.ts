import { Contestant } from "../cluster/contestants.ts";
import {
  crowdMoves,
  deliveryTimes,
  fillRooms,
  firstDeliveryAfter,
  publishesPerSecond,
  residentKib,
} from "../cluster/measures.ts";
import type { Bench, Check, ScenarioResult } from "./bench.ts";
import { count } from "./words.ts";

const MAX_NODE_GAP_MS = 5_000;
const MAX_LEADER_GAP_MS = 10_000;

interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Three nodes on three servers of NATS beside one node on SQLite, in one run. */
export async function cluster(bench: Bench): Promise<ScenarioResult> {
  const { isQuick } = bench;
  const clients = isQuick ? 200 : 1_000;
  const rooms = isQuick ? 2_000 : 100_000;
  let one: Figures;
  {
    await using contestant = await Contestant.sqlite();
    one = await speedOf(contestant, isQuick);
    bench.say(`  one node on SQLite: ${words(one)}`);
  }
  await using three = await Contestant.nats();
  const many = await speedOf(three, isQuick);
  bench.say(`  three nodes on NATS: ${words(many)}, ${ratio(many, one)}`);
  const kibBefore = await residentKib(three.urlOf(1));
  const filledMs = await fillRooms(three, rooms);
  const kibAfter = await residentKib(three.urlOf(1));
  bench.say(
    `  ${count(rooms)} quiet rooms: ${(rooms / (filledMs / 1_000)).toFixed(0)} made a second, a node ${kibBefore.toFixed(0)} KiB before, ${kibAfter.toFixed(0)} after`,
  );
  const nodeMs = await firstDeliveryAfter(three, "node");
  bench.say(`  first delivery after SIGKILL of a node: ${nodeMs.toFixed(0)} ms`);
  await three.nodes[0]?.start();
  const crowd = await crowdMoves(three, clients, 100);
  bench.say(
    `  ${clients} clients on other nodes with all 100 messages: ${crowd.ms.toFixed(0)} ms, ${crowd.isWhole ? "nothing lost" : "NOT WHOLE"}`,
  );
  await three.nodes[0]?.start();
  const leaderMs = await firstDeliveryAfter(three, "leader");
  bench.say(`  first delivery after SIGKILL of NATS's leader: ${leaderMs.toFixed(0)} ms`);
  return {
    name: "cluster",
    title: "Three nodes on NATS beside one on SQLite",
    how: "The parlor command, all on one machine; three servers of NATS with three replicas. Publishes of 200 bytes by six clients with a room and 100 in flight each; delivery from one node to the next, 50 a second. What balances moves connections as soon as a node is gone.",
    table: {
      columns: ["log", "publishes/s", "delivery p50 ms", "p99 ms"],
      rows: [
        ["SQLite, one node", ...cells(one)],
        ["NATS, three nodes", ...cells(many)],
      ],
    },
    checks: [
      within("first delivery after SIGKILL of a node", nodeMs, MAX_NODE_GAP_MS),
      within("first delivery after SIGKILL of NATS's leader", leaderMs, MAX_LEADER_GAP_MS),
      {
        what: `${count(clients)} clients of a killed node have all, elsewhere`,
        target: "nothing lost",
        measured: `${crowd.isWhole ? "nothing lost" : "not whole"}, ${crowd.ms.toFixed(0)} ms`,
        isReached: crowd.isWhole,
      },
    ],
    charts: [],
    rounds: { one, many, nodeMs, leaderMs, crowd, rooms, filledMs, kibBefore, kibAfter },
  };
}

async function speedOf(contestant: Contestant, isQuick: boolean): Promise<Figures> {
  const perSecond = await publishesPerSecond(contestant, 6, isQuick ? 4_000 : 15_000);
  const times = await deliveryTimes(contestant, isQuick ? 200 : 2_000, 20);
  return { perSecond, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}

function cells({ perSecond, p50, p99 }: Figures): string[] {
  return [count(perSecond), p50.toFixed(1), p99.toFixed(1)];
}

function words(figures: Figures): string {
  const [perSecond, p50, p99] = cells(figures);
  return `${perSecond} publishes/s, delivery p50 ${p50} ms, p99 ${p99} ms`;
}

function ratio(many: Figures, one: Figures): string {
  return `${(many.perSecond / one.perSecond).toFixed(2)} times the publishes, ${(many.p50 / one.p50).toFixed(2)} times the p50`;
}

function within(what: string, ms: number, most: number): Check {
  const target = `≤ ${most / 1_000} s`;
  return { what, target, measured: `${ms.toFixed(0)} ms`, isReached: ms <= most };
}
