import type { TestContext } from "node:test";
import { randomId } from "@parlor/base";
import { NatsBus, type NatsLog, openNatsLog } from "@parlor/nats";
import { Parlor, type ParlorOptions } from "@parlor/server";
import { AlternatingBalancer } from "@parlor/testkit";
import type { RunningParlor } from "./parlor-server.ts";

/** The address of a cluster of NATS that `through-the-cluster.long.test.ts` gives to the suites that it runs. */
export const CLUSTERED = "PARLOR_TEST_CLUSTERED";

const NODES = 3;

/**
 * Logs on the cluster that are empty again. Each test has one of its own; that streams of the one before serve the
 * next spares it the second in which three servers choose who leads new ones, and them the beats of hundreds.
 */
const unused: string[] = [];

export function behindCluster(): string | null {
  return process.env[CLUSTERED] ?? null;
}

/** Three nodes on a cluster of NATS, behind a balancer that sends every request and every upgrade to the next one. */
export async function startClustered(
  t: TestContext,
  url: string,
  options: ParlorOptions,
): Promise<RunningParlor> {
  const name = unused.pop() ?? `t${randomId(10)}`;
  const open = () => openNatsLog({ url, name, shards: 1 });
  const first = await open();
  const logs = [first, ...(await Promise.all(Array.from({ length: NODES - 1 }, open)))];
  const buses = logs.map(({ connection }) => new NatsBus({ connection, name }));
  const parlors = logs.map((log, index) => new Parlor({ ...options, log, bus: buses[index] }));
  const listening = await Promise.all(parlors.map((parlor) => parlor.listen({ port: 0 })));
  const balancer = await AlternatingBalancer.listen(listening.map(({ port }) => port));
  t.after(async () => {
    await balancer[Symbol.asyncDispose]();
    for (const parlor of parlors) await parlor.close();
    for (const bus of buses) await bus.close();
    for (const log of logs) await log.close();
    await options.log.close();
    await empty(await open());
    unused.push(name);
  });
  const { port } = balancer;
  return { parlor: parlors[0] as Parlor, port, log: first, origin: `http://127.0.0.1:${port}` };
}

/** With what was said once of the whole log: whoever opens it next begins another one, of another epoch. */
async function empty(log: NatsLog): Promise<void> {
  for (const { name } of log.streams) {
    await log.connection.request(`$JS.API.STREAM.PURGE.${name}`, "", { timeout: 10_000 });
  }
  await log.close();
}
