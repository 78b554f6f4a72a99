import "./need-node-24.ts";
import { join } from "node:path";
import { type Flags, readFlags } from "./flags.ts";
import { canPin } from "./processes/cores.ts";
import { howItWasRun } from "./report/machine.ts";
import { writeResults } from "./report/results.ts";
import { checksTable, textTable } from "./report/table.ts";
import type { Bench, Scenario, ScenarioResult } from "./scenarios/bench.ts";
import { busyRoom } from "./scenarios/busy-room.ts";
import { calmRoom } from "./scenarios/calm-room.ts";
import { cluster } from "./scenarios/cluster.ts";
import { encodings } from "./scenarios/encodings.ts";
import { firstMessage } from "./scenarios/first-message.ts";
import { game } from "./scenarios/game.ts";
import { idleConnections } from "./scenarios/idle-connections.ts";
import { logThroughput } from "./scenarios/log-throughput.ts";
import { oneToOne } from "./scenarios/one-to-one.ts";
import { page } from "./scenarios/page.ts";
import { requests } from "./scenarios/requests.ts";
import { search } from "./scenarios/search.ts";
import { ticker } from "./scenarios/ticker.ts";

/**
 * Speed and memory of Parlor beside its peers:
 *
 *     npm run bench                         everything, some five minutes
 *     npm run bench -- --quick              everything, once and shorter
 *     npm run bench -- --only busy-room     one scenario
 *     npm run bench -- --only first-message --part working     what is measured with WebSockets that work, half a minute
 *     npm run bench -- --rounds 5           more rounds, steadier medians
 *     npm run bench -- --coalesce-ms 25     Parlor with another bound on gathering than its default
 *     npm run bench -- --profile DIR        each server process leaves a CPU profile in DIR
 *     npm run bench -- --no-results         writes no results file
 *
 * Prints what it measures; writes `bench/results/<date>.json`, `.md` and `.svg`. It exits 0 whatever the
 * numbers are: they depend on the machine, and are for people to judge.
 */
const SCENARIOS: ReadonlyMap<string, Scenario> = new Map([
  ["busy-room", busyRoom],
  ["calm-room", calmRoom],
  ["one-to-one", oneToOne],
  ["requests", requests],
  ["idle-connections", idleConnections],
  ["log", logThroughput],
  ["first-message", firstMessage],
  ["encodings", encodings],
  ["game", game],
  ["page", page],
  ["ticker", ticker],
  ["search", search],
  ["cluster", cluster],
]);

const args = process.argv.slice(2);
let flags: Flags;
try {
  flags = readFlags(args, [...SCENARIOS.keys()]);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(2);
}

const startedMs = performance.now();
const seconds = (): string => `${Math.round((performance.now() - startedMs) / 1_000)} s`.padStart(5);
const bench: Bench = { ...flags, say: (line) => console.log(`[${seconds()}] ${line}`) };
if (!canPin) bench.say("Processes can't be kept to a core each here (taskset, two cores): expect noise.");

const results: ScenarioResult[] = [];
const failures: string[] = [];
for (const [name, scenario] of SCENARIOS) {
  if (flags.only !== null && flags.only !== name) continue;
  bench.say(name);
  try {
    results.push(await scenario(bench));
  } catch (error) {
    // The other scenarios are worth having all the same.
    failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

for (const { title, table } of results) console.log(`\n${title}\n${textTable(table)}`);
console.log(`\nTargets\n${textTable(checksTable(results))}`);
if (flags.keepsResults && results.length > 0) {
  const path = writeResults(join(import.meta.dirname, "results"), howItWasRun({ ...flags, args }), results);
  console.log(`\nWritten to ${path}.json, .md and .svg.`);
}
for (const failure of failures) console.error(`\nNo result of ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
