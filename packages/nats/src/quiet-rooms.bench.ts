import { parseArgs } from "node:util";
import { systemClock } from "@parlor/base";
import { NatsCluster } from "@parlor/testkit";
import { openNatsLog } from "./nats-log.ts";

/**
 * What rooms cost a node and its server of NATS while nothing is said in them: opens so many with a listener each, and
 * measures memory, the node's CPU and how often it asks, over some looks for what was missed.
 *
 *     node packages/nats/src/quiet-rooms.bench.ts [--rooms 100000] [--seconds 60]
 */

const AT_ONCE = 32;

const { values } = parseArgs({
  options: { rooms: { type: "string", default: "100000" }, seconds: { type: "string", default: "60" } },
});
const rooms = Number(values.rooms);
const seconds = Number(values.seconds);

const wait = (ms: number): Promise<void> =>
  // A timer of Node's own: the clock's hold no process.
  new Promise((resolve) => void setTimeout(resolve, ms));

interface Server {
  readonly mib: number;
  readonly messagesIn: number;
}

async function serverOf(cluster: NatsCluster): Promise<Server> {
  const answer = await fetch(`${cluster.monitorOf(0)}/varz`);
  const { mem, in_msgs } = (await answer.json()) as { mem: number; in_msgs: number };
  return { mib: mem / 1_048_576, messagesIn: in_msgs };
}

const ownMib = (): number => process.memoryUsage.rss() / 1_048_576;
const ownCpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
};

const opens = (room: string): Promise<boolean> =>
  log
    .tail(room, () => undefined)
    .then(
      () => true,
      () => false,
    );

await using cluster = await NatsCluster.start();
const log = await openNatsLog({ url: cluster.url, name: "quiet" });
const row = async (open: number): Promise<void> => {
  await wait(2_000);
  const [server, cpu] = [await serverOf(cluster), ownCpu()];
  const fromMs = systemClock.monotonic();
  await wait(seconds * 1_000);
  const after = await serverOf(cluster);
  const share = (used: number): string =>
    `${((100_000 * used) / (systemClock.monotonic() - fromMs)).toFixed(2)} % of a core`;
  const asked = (after.messagesIn - server.messagesIn) / seconds;
  console.log(
    `${open} rooms: node ${ownMib().toFixed(0)} MiB, ${share(ownCpu() - cpu)}; nats-server ${after.mib.toFixed(0)} MiB; ${asked.toFixed(1)} messages to it a second`,
  );
};
await row(0);
let next = 0;
const fromMs = systemClock.monotonic();
const lane = async (): Promise<void> => {
  while (next < rooms) {
    const room = `quiet-${next++}`;
    // What a busy server does not answer in time is asked again.
    while (!(await opens(room))) await wait(100);
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, lane));
console.log(`opened ${((1_000 * rooms) / (systemClock.monotonic() - fromMs)).toFixed(0)} a second`);
await row(rooms);
await log.close();
