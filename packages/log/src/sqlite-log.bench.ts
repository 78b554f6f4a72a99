import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance as nodePerformance } from "node:perf_hooks";
import { SqliteLog } from "./sqlite-log.ts";

/**
 * Measures the log alone, through its public `append`: 200-byte bodies over 1,000 rooms.
 *
 *     node packages/log/src/sqlite-log.bench.ts [seconds]
 */
const SECONDS = Number(process.argv[2] ?? 4);
const ROOMS = 1_000;
const bodyJson = JSON.stringify("x".repeat(198));

/** `callers` that each wait for their append before the next; each writes to `roomsEach` rooms in turn. */
async function measure(callers: number, roomsEach: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-bench-"));
  const log = await SqliteLog.open({ folder });
  const waits: number[] = [];
  let isOver = false;
  const call = async (caller: number): Promise<void> => {
    const from = `identity-of-caller-${caller}`.padEnd(22, "0");
    for (let n = 0; !isOver; n++) {
      const room = `room ${(caller * roomsEach + (n % roomsEach)) % ROOMS}`;
      const seq = 1 + Math.floor(n / roomsEach);
      const begin = performance.now();
      const producer = `producer-${caller}`;
      const result = await log.append({
        room,
        from,
        producer,
        seq,
        afterSeq: seq - 1,
        bodyJson,
        remember: true,
        admit: "any",
      });
      if (result.kind !== "appended") throw new Error(`an append ended as ${result.kind}`);
      waits.push(performance.now() - begin);
    }
  };
  const begin = performance.now();
  const loop = nodePerformance.eventLoopUtilization();
  const timer = setTimeout(() => (isOver = true), SECONDS * 1_000);
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  clearTimeout(timer);
  const passedMs = performance.now() - begin;
  const busyMs = nodePerformance.eventLoopUtilization(loop).active;
  waits.sort((a, b) => a - b);
  const quantile = (q: number): string => (waits[Math.floor((waits.length - 1) * q)] ?? 0).toFixed(2);
  console.log(
    `${String(callers).padStart(5)} callers, ${String(roomsEach).padStart(4)} rooms each: ` +
      `${String(Math.round((waits.length / passedMs) * 1_000)).padStart(7)} rows/s, ` +
      `p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, p99.9 ${quantile(0.999)} ms, ` +
      `calling thread ${((busyMs / waits.length) * 1_000).toFixed(2)} µs a row`,
  );
  await log.close();
  await rm(folder, { recursive: true, force: true });
}

await measure(1, 1);
await measure(10, 100);
await measure(100, 10);
await measure(100, 1_000);
await measure(1_000, 10);
