import "./need-node-24.ts";
import { systemClock } from "@parlor/base";
import { readFlags, type Flags } from "./flags.ts";
import { run } from "./run.ts";
import { simulate } from "./simulate.ts";

/**
 * The cores of server and client under simulated time, network and disk, judged by the history checker:
 *
 *     npm run simulate                                 20,000 seeds, as in CI: a tenth of them lively
 *     npm run simulate -- --seeds 500000 --from 30000  others
 *     npm run simulate -- --seed 353                   one run again, the same in every step
 *     npm run simulate -- --lively --seeds 2000        with state, presence, signals, deletions and backups
 *
 * Exits 1 where any run was violated, too small, or where a window was never hit.
 */
let flags: Flags;
try {
  flags = readFlags(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(2);
}

const SAY_EVERY_MS = 5_000;

async function runAll(asked: Pick<Flags, "from" | "seeds" | "isLively">): Promise<void> {
  let saidMs = systemClock.monotonic();
  const sums = await simulate({
    ...asked,
    onProgress: ({ runs, failures }) => {
      if (systemClock.monotonic() - saidMs < SAY_EVERY_MS) return;
      saidMs = systemClock.monotonic();
      console.log(`${runs} of ${asked.seeds} runs, ${failures.length} failing`);
    },
  });
  console.log(sums.lines.join("\n"));
  if (!sums.isSound) process.exitCode = 1;
}

if (flags.seed === null) {
  await runAll(flags);
  if (flags.livelySeeds > 0) await runAll({ from: flags.from, seeds: flags.livelySeeds, isLively: true });
} else {
  const { steps, faults, violations, tally } = await run(flags.seed, flags.isLively);
  console.log(`seed ${flags.seed}: ${steps} steps, ${faults} faults, ${violations.length} violations`);
  for (const [name, count] of [...tally.counts].sort(([a], [b]) => a.localeCompare(b)))
    console.log(`${String(count).padStart(8)} ${name}`);
  for (const violation of violations) console.log(`VIOLATION ${violation}`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
