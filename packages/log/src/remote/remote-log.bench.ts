import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance as nodePerformance } from "node:perf_hooks";
import { MemoryLog } from "../memory-log.ts";
import type { RoomLog } from "../room-log.ts";
import { SqliteLog } from "../sqlite-log.ts";
import { LogHost } from "./log-host.ts";
import { RemoteLog } from "./remote-log.ts";

/**
 * What the link costs: the same appends to a log of this process, and to that of an owner process.
 *
 *     node packages/log/src/remote/remote-log.bench.ts [seconds]
 */
const isOwner = process.argv[2] === "owner";
const SECONDS = Number(process.argv[2] ?? 3);
const bodyJson = JSON.stringify("x".repeat(198));

type Kept = "memory" | "sqlite";

async function open(kept: Kept, folder: string): Promise<RoomLog> {
  return kept === "memory" ? new MemoryLog() : SqliteLog.open({ folder });
}

/** Callers that each wait for their append before the next, each in a room that is followed. */
async function measure(what: string, log: RoomLog, callers: number): Promise<void> {
  const waits: number[] = [];
  let told = 0;
  const begin = performance.now();
  // Looked at, not waited for: a log in memory lets no timer come between.
  const isOver = (): boolean => performance.now() - begin > SECONDS * 1_000;
  const call = async (caller: number): Promise<void> => {
    const room = `room ${callers} ${caller}`;
    const tail = await log.tail(room, (event) => {
      if (event.kind === "messages") told += event.messages.length;
    });
    for (let seq = 1; !isOver(); seq++) {
      const asked = performance.now();
      const from = `identity-of-caller-${caller}`.padEnd(22, "0");
      const append = { room, from, producer: "producer1", seq, afterSeq: seq - 1, bodyJson };
      const { kind } = await log.append({ ...append, remember: true, admit: "any" });
      if (kind !== "appended") throw new Error(`an append ended as ${kind}`);
      waits.push(performance.now() - asked);
    }
    tail.close();
  };
  const loop = nodePerformance.eventLoopUtilization();
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  const passedMs = performance.now() - begin;
  const busyMs = nodePerformance.eventLoopUtilization(loop).active;
  waits.sort((a, b) => a - b);
  const quantile = (q: number): string => (waits[Math.floor((waits.length - 1) * q)] ?? 0).toFixed(2);
  console.log(
    `${what.padEnd(16)} ${String(callers).padStart(5)} callers: ` +
      `${String(Math.round((waits.length / passedMs) * 1_000)).padStart(7)} appends/s, ` +
      `p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, told ${((told / waits.length) * 100).toFixed(0)} %, ` +
      `this thread ${((busyMs / waits.length) * 1_000).toFixed(1)} µs each`,
  );
}

async function own(kept: Kept, folder: string): Promise<void> {
  await LogHost.listen({ log: await open(kept, folder), path: join(folder, "log.sock") });
  process.on("disconnect", () => process.exit(0));
  process.send?.("opened");
}

async function compare(kept: Kept): Promise<void> {
  for (const isRemote of [false, true]) {
    const folder = await mkdtemp(join(tmpdir(), "parlor-bench-"));
    const owner = isRemote ? fork(import.meta.filename, ["owner", kept, folder]) : null;
    if (owner !== null) await once(owner, "message");
    const log = isRemote
      ? await RemoteLog.open({ path: join(folder, "log.sock") })
      : await open(kept, folder);
    for (const callers of [1, 100, 1_000])
      await measure(`${kept} ${isRemote ? "linked" : "alone"}`, log, callers);
    await log.close();
    if (owner !== null) {
      owner.disconnect();
      await once(owner, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  }
}

if (isOwner) await own(process.argv[3] as Kept, process.argv[4] ?? "");
else for (const kept of ["memory", "sqlite"] as const) await compare(kept);
