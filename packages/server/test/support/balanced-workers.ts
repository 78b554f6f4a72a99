import { join } from "node:path";
import type { TestContext } from "node:test";
import { LogHost, RemoteLog } from "@parlor/log";
import { Parlor, type ParlorOptions } from "@parlor/server";
import { AlternatingBalancer } from "@parlor/testkit";
import type { RunningParlor } from "./parlor-server.ts";
import { temporaryFolder } from "./sqlite-folder.ts";

/** The switch that `through-the-balancer.integration.test.ts` sets for the suites that it runs. */
export const BALANCED = "PARLOR_TEST_BALANCED";

export function behindBalancer(): boolean {
  return process.env[BALANCED] === "1";
}

/**
 * Two servers over one log, each linked to it as a worker is, behind a balancer that sends every request
 * and every upgrade to the other one.
 */
export async function startBalanced(t: TestContext, options: ParlorOptions): Promise<RunningParlor> {
  const path = join(await temporaryFolder(t), "log.sock");
  const { log } = options;
  const host = await LogHost.listen({ log, path });
  const remotes = await Promise.all([RemoteLog.open({ path }), RemoteLog.open({ path })]);
  const parlors = remotes.map((remote) => new Parlor({ ...options, log: remote, bus: remote.bus }));
  const listening = await Promise.all(parlors.map((parlor) => parlor.listen({ port: 0 })));
  const balancer = await AlternatingBalancer.listen(listening.map(({ port }) => port));
  t.after(async () => {
    await balancer[Symbol.asyncDispose]();
    for (const parlor of parlors) await parlor.close();
    for (const remote of remotes) await remote.close();
    await host.close();
    await log.close();
  });
  const { port } = balancer;
  return { parlor: parlors[0] as Parlor, port, log, origin: `http://127.0.0.1:${port}` };
}
