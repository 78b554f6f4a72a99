import "./need-node-24.ts";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MUTANTS } from "./mutants/all.ts";
import type { Verdict } from "./mutants/mutant.ts";
import { ScratchCopy } from "./mutants/scratch-copy.ts";
import { runSound, tryMutant } from "./mutants/try-mutant.ts";

/**
 * `npm run mutants`: breaks the code in named ways in a copy of it, one way at a time, and prints which
 * tests notice. One that nobody notices, or that no longer fits the code, is a failure.
 *
 *   --only TEXT   the mutants whose name holds it
 */
/** As many seeds of the simulation as a mutant needs; a sound run of all would take minutes for each. */
const SIMULATION_SEEDS = "4000";

async function main(): Promise<number> {
  process.env["SIMULATION_SEEDS"] ??= SIMULATION_SEEDS;
  const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
  const mutants = MUTANTS.filter(({ name }) => name.includes(values.only));
  if (mutants.length === 0) console.error(`no mutant is called ${values.only}`);
  using scratch = new ScratchCopy(join(import.meta.dirname, ".."));
  const { sound, failing } = await runSound(scratch, new Set(mutants.flatMap(({ tests }) => tests)));
  if (failing.length > 0) {
    console.error(`these fail on code that nobody broke, so what they say of mutants is worth nothing:`);
    for (const each of failing) console.error(`  ${each.split("\n")[0]}`);
    return 1;
  }
  let caught = 0;
  for (const mutant of mutants) {
    const begunMs = performance.now();
    const verdict = await tryMutant(scratch, mutant, sound);
    if (verdict.kind === "caught") caught += 1;
    const seconds = ((performance.now() - begunMs) / 1000).toFixed(1);
    console.log(`${verdict.kind.toUpperCase()}  ${mutant.name} (${mutant.harm}), ${seconds} s`);
    for (const line of explain(verdict)) console.log(`        ${line}`);
  }
  console.log(`${caught} of ${mutants.length} mutants caught`);
  return caught === mutants.length && caught > 0 ? 0 : 1;
}

/** Tests of one file that are named; broken code can fail a hundred. */
const MAX_SHOWN = 5;

function explain(verdict: Verdict): string[] {
  switch (verdict.kind) {
    case "caught":
      return verdict.by.flatMap(({ file, tests }) => [
        `by ${file}`,
        ...tests.slice(0, MAX_SHOWN).map((name) => `   ${firstLine(name)}`),
        ...(tests.length > MAX_SHOWN ? [`   and ${tests.length - MAX_SHOWN} more`] : []),
      ]);
    case "survived":
      return ["no test noticed"];
    case "stale":
    case "does-not-run":
      return [verdict.why];
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] as string;
}

process.exitCode = await main();
