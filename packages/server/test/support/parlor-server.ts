import type { TestContext } from "node:test";
import type { Contract } from "@parlor/contract";
import { MemoryLog, type RoomLog, SqliteLog } from "@parlor/log";
import { Parlor, type ParlorOptions } from "@parlor/server";
import { behindCluster, startClustered } from "./balanced-nodes.ts";
import { behindBalancer, startBalanced } from "./balanced-workers.ts";

export interface RunningParlor {
  readonly parlor: Parlor;
  readonly port: number;
  readonly log: RoomLog;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
}

/** Options, with whatever contract. */
export type TestOptions = Partial<Omit<ParlorOptions, "contract">> & {
  readonly contract?: Contract | undefined;
};

/** Everything that must not be in the way of a test that is not about it. */
const OUT_OF_THE_WAY = { publishPerSecond: Infinity, connectionsPerAddress: Infinity } as const;

/** A logger that keeps quiet: the tests look at the wire. */
const quiet = { info() {}, warn() {}, error() {} };

const isPlain = (log: RoomLog): boolean => log instanceof MemoryLog || log instanceof SqliteLog;

/**
 * A server on a free port that ends with its test. The log is one in memory unless another is given.
 * Where the suites run through the balancer it is two servers on that log behind it, or three nodes of a cluster; `parlor`
 * is one of them.
 */
export async function startParlor(t: TestContext, options: TestOptions = {}): Promise<RunningParlor> {
  const cluster = behindCluster();
  // That a log is on disk says nothing over a cluster; what stands in it, or in between, can't be had there.
  if (cluster !== null && !(options.log === undefined || isPlain(options.log))) {
    await options.log.close();
    throw new Error("a test with a log of its own");
  }
  const log = options.log ?? new MemoryLog();
  // The tests look at the wire, where types are not seen.
  const whole = { ...OUT_OF_THE_WAY, logger: quiet, ...options, log } as ParlorOptions;
  if (behindBalancer()) return startBalanced(t, whole);
  if (cluster !== null) return startClustered(t, cluster, whole);
  const parlor = new Parlor(whole);
  const { port } = await parlor.listen({ port: 0 });
  t.after(async () => {
    await parlor.close();
    await log.close();
  });
  return { parlor, port, log, origin: `http://127.0.0.1:${port}` };
}
