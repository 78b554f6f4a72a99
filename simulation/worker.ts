import { parentPort } from "node:worker_threads";
import { run } from "./run.ts";
import { Tally } from "./world/tally.ts";

/** Seeds to run: from `from` up to and without `to`. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly isLively: boolean;
}

export interface Runs {
  readonly counts: readonly (readonly [string, number])[];
  /** Steps and faults of each run. */
  readonly sizes: readonly { readonly steps: number; readonly faults: number }[];
  readonly failures: readonly { readonly seed: string; readonly violations: readonly string[] }[];
}

/**
 * Traces of refusals that nobody reads are a good part of a run's time. A run that fails is seen again, with
 * them, by its seed.
 */
Error.stackTraceLimit = 0;

let running = "none";
parentPort?.on("message", (chunk: Chunk) => void take(chunk));
// Whatever ends the thread says which seed shows it again.
process.on("unhandledRejection", (cause) => {
  throw new Error(`seed ${running} threw`, { cause });
});

async function take({ from, to, isLively }: Chunk): Promise<void> {
  const tally = new Tally();
  const sizes: { steps: number; faults: number }[] = [];
  const failures: { seed: string; violations: readonly string[] }[] = [];
  for (let seed = from; seed < to; seed++) {
    running = String(seed);
    const { steps, faults, violations, tally: counted } = await run(running, isLively);
    tally.addAll(counted.counts);
    sizes.push({ steps, faults });
    if (violations.length > 0) failures.push({ seed: running, violations });
    // What a run closed is let go of only by the event loop, which no run lets turn.
    await new Promise(setImmediate);
  }
  const runs: Runs = { counts: [...tally.counts], sizes, failures };
  parentPort?.postMessage(runs);
}
