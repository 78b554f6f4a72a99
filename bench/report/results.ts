import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ScenarioResult } from "../scenarios/bench.ts";
import { drawCharts } from "./drawing.ts";
import type { HowItWasRun } from "./machine.ts";
import { checksTable, markdownTable } from "./table.ts";

/** Writes a run to `folder` as JSON (all of it), Markdown (for people) and SVG; returns the path without its ending. */
export function writeResults(folder: string, run: HowItWasRun, results: readonly ScenarioResult[]): string {
  mkdirSync(folder, { recursive: true });
  const name = run.date.slice(0, 16).replace("T", "-").replace(":", "");
  const path = join(folder, name);
  writeFileSync(`${path}.json`, `${JSON.stringify({ run, results }, null, 1)}\n`);
  writeFileSync(`${path}.svg`, drawCharts(results.flatMap(({ charts }) => charts)));
  writeFileSync(`${path}.md`, markdown(name, run, results));
  return path;
}

function markdown(name: string, run: HowItWasRun, results: readonly ScenarioResult[]): string {
  const pinning = run.isPinned
    ? "the server's process on core 0, the load's on core 1"
    : "processes could not be pinned to cores";
  const sections = results.flatMap(({ title, how, table }) => [`## ${title}`, how, markdownTable(table)]);
  return `${[
    `# Benchmark, ${run.date.slice(0, 16).replace("T", " ")} UTC`,
    `\`${run.command}\` at commit ${run.commit}: Node ${run.node}, ${run.system}, ${run.processor}, ` +
      `${run.cores} cores, ${run.memoryGb} GB; ${pinning}. ` +
      `${run.isQuick ? "A quick run: shorter, for a look only. " : ""}` +
      `Medians of ${run.rounds} rounds; who is compared takes turns within a round.`,
    `![Charts of this run](${name}.svg)`,
    "## Targets",
    markdownTable(checksTable(results)),
    ...sections,
  ].join("\n\n")}\n`;
}
