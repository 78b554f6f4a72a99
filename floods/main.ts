import "./need-node-24.ts";
import { ALL_FLOODS } from "./all-floods.ts";
import { type Flags, readFlags } from "./flags.ts";
import { report } from "./report.ts";
import { type FloodResult, runFlood } from "./run-flood.ts";
import { storm } from "./storm/storm.ts";

/**
 * The real command under one flood after another, each beside pairs of well-behaved clients:
 *
 *     npm run floods                            every flood and the storm, some quarter of an hour
 *     npm run floods -- --only history          one of them
 *     npm run floods -- --seconds 8             shorter; some refusals take longer than that to come
 *     npm run floods -- --control               each also against a process that does nothing
 *     npm run floods -- --only storm            2,000 clients whose server is killed and started again
 *
 * Exits 1 where memory passed what the limits promise, where a refusal came without words, where the server
 * kept something of a flood that was over, or where a pair lost, doubled or was refused anything. How much
 * slower the pairs were, and what the server's event loop did without the flood and beside it, is printed as
 * `docs/guarantees.md` has it, and not judged: that depends on the machine. The flooder runs where
 * nothing else wants to, so that of the cores it takes what the server and the pairs leave; half of the quiet time lies
 * behind the flood.
 */
const names = ALL_FLOODS.map(({ name }) => name);
let flags: Flags;
try {
  flags = readFlags(process.argv.slice(2), [...names, "storm"]);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(2);
}

const { only, seconds, control } = flags;
const results: FloodResult[] = [];
for (const flood of ALL_FLOODS) {
  if (only !== null && only !== flood.name) continue;
  console.log(`${flood.name}: ${flood.about}`);
  const result = await runFlood(flood, {
    quietSeconds: seconds,
    floodSeconds: seconds,
    control,
    before: "nobody",
  });
  for (const fault of result.faults) console.log(`  FAULT ${fault}`);
  results.push(result);
}
if (results.length > 0) {
  console.log(`\n${report(results).join("\n")}`);
}
let stormFaults = 0;
if (only === null || only === "storm") {
  const { clients } = flags;
  console.log("\nstorm: the server is killed and started again under its clients");
  const { lines, faults, misses } = await storm({ clients, processes: 2, rooms: 20 }, (line) =>
    console.log(`  ${line}`),
  );
  for (const line of lines) console.log(`  ${line}`);
  for (const fault of [...faults, ...misses]) console.log(`  FAULT ${fault}`);
  stormFaults = faults.length + misses.length > 0 ? 1 : 0;
}
const failed = stormFaults + results.filter(({ faults }) => faults.length > 0).length;
console.log(failed === 0 ? "\nNothing was lost." : `\n${failed} failed.`);
process.exitCode = failed === 0 ? 0 : 1;
