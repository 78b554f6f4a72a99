import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Sums } from "./sums.ts";
import type { Chunk, Runs } from "./worker.ts";

/** Seeds that a thread is given at once. */
const CHUNK_SEEDS = 50;
/** So that most of what a run makes is gone before the collector first looks at it. */
const YOUNG_MB = 64;
/** Beyond so many failing seeds the rest would tell nothing new. */
const ENOUGH_FAILURES = 20;

export interface SimulateOptions {
  readonly from: number;
  readonly seeds: number;
  /** With more than messages. @default false */
  readonly isLively?: boolean | undefined;
  /** Threads. @default one for each core */
  readonly threads?: number | undefined;
  /** Called now and then with what is known so far. */
  readonly onProgress?: ((sums: Sums) => void) | undefined;
}

/** Runs many seeds, on all cores. A thread that dies rejects with why. */
export async function simulate(options: SimulateOptions): Promise<Sums> {
  const { from, seeds, isLively = false, threads = availableParallelism(), onProgress } = options;
  const sums = new Sums(isLively);
  let next = from;
  const end = from + seeds;
  const takeChunk = (): Chunk | null => {
    if (next >= end || sums.failures.length >= ENOUGH_FAILURES) return null;
    const chunk = { from: next, to: Math.min(end, next + CHUNK_SEEDS), isLively };
    next = chunk.to;
    return chunk;
  };
  const work = async (): Promise<void> => {
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB };
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { resourceLimits });
    try {
      for (let chunk = takeChunk(); chunk !== null; chunk = takeChunk()) {
        sums.take(await ask(worker, chunk));
        onProgress?.(sums);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return sums;
}

function ask(worker: Worker, chunk: Chunk): Promise<Runs> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners("message").once("message", resolve);
    worker.removeAllListeners("error").once("error", reject);
    worker.postMessage(chunk);
  });
}
