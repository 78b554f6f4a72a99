import "./need-node-24.ts";
import { testSeed } from "@parlor/testkit";
import { readFlags, type Flags } from "./flags.ts";
import { tortureCluster } from "./cluster/torture-cluster.ts";
import { torture } from "./torture.ts";

/**
 * The real command under every fault at once, judged at the end:
 *
 *     npm run torture                              one minute, a fresh seed
 *     npm run torture -- --minutes 10 --seed 1     longer, and the same faults each time
 *     npm run torture -- --members 50              a smaller crowd
 *     npm run torture -- --log nats --minutes 10   three nodes on three servers of NATS
 *
 * Exits 1 where anything was lost, repeated, reordered or invented, and where a fault that was possible
 * did not happen.
 */
let flags: Flags;
try {
  flags = readFlags(process.argv.slice(2), testSeed());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(2);
}

// Ctrl-C ends the faults and is told the verdict; a second one ends at once.
const enough = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => enough.abort());
const run = flags.log === "nats" ? tortureCluster : torture;
const verdict = await run(flags, (line) => console.log(line), enough.signal);
console.log(`\n${verdict.lines.join("\n")}`);
process.exitCode = verdict.isClean ? 0 : 1;
