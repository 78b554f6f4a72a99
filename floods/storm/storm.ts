import { until, wait } from "@parlor/testkit";
import { FloodedServer, total } from "../flooded-server.ts";
import { ClientProcess } from "./client-process.ts";
import { judgeStorm, type StormVerdict } from "./judge-storm.ts";
import { readRoom } from "./read-room.ts";

export interface StormOptions {
  readonly clients: number;
  /** Their processes, each below its limit of open files. */
  readonly processes: number;
  readonly rooms: number;
}

/** Before the kill, so that there is something to go on behind. */
const TALK_MS = 2_000;
const PER_SECOND = 40;
const PATIENCE_MS = 30_000;

/**
 * A server with many clients is killed and started again while they talk: all come back by themselves. Looks
 * at when they tried, when they were back, what was lost, and how often the log was read for it.
 */
export async function storm(options: StormOptions, say: (line: string) => void): Promise<StormVerdict> {
  const { clients, processes: count, rooms } = options;
  const flags = ["--connections-per-address", "Infinity", "--publish-per-second", "Infinity"];
  await using server = await FloodedServer.start({ flags });
  await using crowd = new AsyncDisposableStack();
  const processes = Array.from({ length: count }, () => crowd.use(new ClientProcess()));
  const everybody = <T>(ask: (each: ClientProcess, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(processes.map(ask));
  const share = Math.ceil(clients / count);
  await everybody((each) => each.order({ kind: "join", url: server.url, count: share, rooms }));
  say(`${share * count} clients in ${rooms} rooms, in ${count} processes`);
  await everybody((each, index) =>
    each.order({ kind: "talk", perSecond: PER_SECOND / count, name: `speaker-${index}` }),
  );
  await wait(TALK_MS);

  const killedAtMs = Date.now();
  await server.process.end("SIGKILL");
  await server.process.start();
  const downMs = Date.now() - killedAtMs;
  say(`the server was killed and served again ${(downMs / 1_000).toFixed(1)} s later`);
  const areBack = async (): Promise<boolean> =>
    sum(await everybody((each) => each.order({ kind: "resumed" }))) >= share * count;
  await until(areBack, PATIENCE_MS);
  const metrics = await server.metrics();
  const logReads = total(metrics, "parlor_head_reads_total") + total(metrics, "parlor_catch_up_reads_total");

  await everybody((each) => each.order({ kind: "hush" }));
  const log = new Map<string, readonly string[]>();
  const isHeard = async (): Promise<boolean> => {
    for (let i = 0; i < rooms; i++) log.set(`room ${i}`, await readRoom(server.url, `room ${i}`));
    const lengths = Object.fromEntries([...log].map(([room, bodies]) => [room, bodies.length]));
    return sum(await everybody((each) => each.order({ kind: "how-many", lengths }))) >= share * count;
  };
  await until(isHeard, PATIENCE_MS);
  // What was said last may have been stored while the rooms were read.
  await isHeard();
  const reports = await everybody((each) => each.report());
  return judgeStorm({ clients: share * count, killedAtMs, downMs, logReads, reports, log });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((before, number) => before + number, 0);
}
