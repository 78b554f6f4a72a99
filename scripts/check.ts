import "./need-node-24.ts";
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { checkDocs } from "./check-docs.ts";
import { checkExamples } from "./check-examples.ts";
import { checkLayers } from "./check-layers.ts";
import { checkLengths } from "./check-lengths.ts";
import { checkSecurity } from "./check-security.ts";
import { formatProblem, type Problem } from "./problem.ts";

/**
 * `npm run check`: everything that can be said of the code without running it. All steps run, one line
 * each, then what each of them found.
 */
interface Step {
  readonly name: string;
  /** What it found, as text; empty where it found nothing. */
  run(): Promise<string>;
}

const ROOT = join(import.meta.dirname, "..");

const STEPS: readonly Step[] = [
  tool("types", "tsc", ["--noEmit", "--pretty", "false", "-p", "."]),
  tool("types of the tutorial's pages", "tsc", ["--noEmit", "--pretty", "false", "-p", "examples/tutorial"]),
  tool("lint", "oxlint", ["--type-aware", "--deny-warnings", "."]),
  tool("format", "biome", ["format", "--colors=off", "--max-diagnostics=50", "."]),
  checker("layers", checkLayers),
  checker("lengths", checkLengths),
  checker("length of the examples", checkExamples),
  checker("docs", checkDocs),
  checker("security", checkSecurity),
];

function tool(name: string, command: string, args: readonly string[]): Step {
  return {
    name,
    run: () =>
      new Promise((resolve) => {
        const path = join(ROOT, "node_modules", ".bin", command);
        const child = spawn(path, args, {
          cwd: ROOT,
          env: { ...process.env, NO_COLOR: "1" },
          stdio: ["ignore", "pipe", "pipe"],
        });
        let output = "";
        child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
        child.on("error", (error) => resolve(`${command} could not be started: ${error.message}`));
        child.on("close", (exitCode, signal) => {
          const said = output.trim();
          resolve(exitCode === 0 ? "" : said === "" ? `${command} ended with ${exitCode ?? signal}` : said);
        });
      }),
  };
}

function checker(name: string, check: (root: string) => Problem[]): Step {
  return { name, run: () => Promise.resolve(check(ROOT).map(formatProblem).join("\n")) };
}

/** Runs every step, as many at once as there are cores; returns the number of those that found something. */
async function runSteps(steps: readonly Step[]): Promise<number> {
  const findings: string[] = [];
  const waiting = [...steps];
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const begunMs = performance.now();
      const found = await step.run();
      const seconds = ((performance.now() - begunMs) / 1000).toFixed(1);
      console.log(`${found === "" ? "ok    " : "FAILED"} ${step.name.padEnd(8)} ${seconds} s`);
      if (found !== "") findings.push(`\n--- ${step.name}\n${found}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  for (const finding of findings) console.error(finding);
  return findings.length;
}

process.exit((await runSteps(STEPS)) === 0 ? 0 : 1);
