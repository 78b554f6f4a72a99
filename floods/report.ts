import type { FloodResult } from "./run-flood.ts";
import { MIB } from "./memory.ts";

/** The flood goes against a process that does nothing, and against the server. */
const CONTROLS = [
  "flood",
  "p99 quiet, beside the control, beside the flood (ms)",
  "control to quiet, flood to control",
];

/** How much slower a well-behaved pair may be beside a flood. */
const MAX_RATIO = 2;

const COLUMNS = ["flood", "sent", "refused", "memory after", "verdict"];

/** The columns that `docs/guarantees.md` has. */
const FIGURES = [
  "flood",
  "p99 quiet, beside (ms), ratio",
  "longest turn quiet, beside (ms of CPU)",
  "share of a core quiet, beside",
  "memory before, peak, bound (MiB)",
];

/** What was sent and refused, a table of Markdown, which a terminal shows as well. */
export function reportTable(results: readonly FloodResult[]): readonly string[] {
  return table(COLUMNS, results.map(row));
}

/** What was measured, as `docs/guarantees.md` has it. */
export function figuresTable(results: readonly FloodResult[]): readonly string[] {
  return table(FIGURES, results.map(figures));
}

/** How much of it the flood costs whoever talks on the machine, whatever is flooded; nothing where that was not asked for. */
export function controlTable(results: readonly FloodResult[]): readonly string[] {
  const cells = results.flatMap(({ flood, quiet, beside, bareP99Ms }) =>
    bareP99Ms === null
      ? []
      : [
          [
            flood.name,
            [quiet.p99Ms, bareP99Ms, beside.p99Ms].map((ms) => ms.toFixed(1)).join(", "),
            [bareP99Ms / quiet.p99Ms, beside.p99Ms / bareP99Ms].map((ratio) => ratio.toFixed(1)).join(", "),
          ],
        ],
  );
  return cells.length === 0 ? [] : [...table(CONTROLS, cells), ""];
}

/** How many were above twice the quiet time, and which. */
export function slowerThanTwice(results: readonly FloodResult[]): string {
  const slower = results.filter((result) => ratioOf(result) > MAX_RATIO).map(({ flood }) => flood.name);
  const count = `${slower.length} of ${results.length} above twice the quiet time`;
  return slower.length === 0 ? `${count}.` : `${count}: ${slower.join(", ")}.`;
}

/** All that is said of floods that were run. */
export function report(results: readonly FloodResult[]): readonly string[] {
  const words = ["In words:", ...wordsHeard(results).map((line) => `  ${line}`)];
  const tables = [...reportTable(results), "", ...figuresTable(results), "", ...controlTable(results)];
  return [...tables, slowerThanTwice(results), "", ...words];
}

function table(columns: readonly string[], cells: readonly (readonly string[])[]): readonly string[] {
  const rows = [columns, ...cells];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)];
}

function row(result: FloodResult): string[] {
  const { flood, told, memory, faults } = result;
  const refused = Object.entries(told.refused).map(([code, { count }]) => `${numeral(count)} ${code}`);
  if (told.cutUnread > 0) refused.push(`${numeral(told.cutUnread)} cut unread`);
  const sent = Object.entries(told.sent).map(([what, count]) => `${numeral(count)} ${what}`);
  return [
    flood.name,
    sent.join(", "),
    refused.join(", ") || "none",
    `${mib(memory.afterBytes)} MiB`,
    faults.length > 0 ? "FAILED" : ratioOf(result) <= MAX_RATIO ? "held" : "held, slower",
  ];
}

function figures(result: FloodResult): string[] {
  const { flood, quiet, beside, memory } = result;
  return [
    flood.name,
    `${quiet.p99Ms.toFixed(1)}, ${beside.p99Ms.toFixed(1)}, ${ratioOf(result).toFixed(1)}`,
    `${quiet.longestMs.toFixed(1)}, ${beside.longestMs.toFixed(1)}`,
    `${percent(quiet.share)}, ${percent(beside.share)}`,
    [memory.beforeBytes, memory.peakBytes, memory.boundBytes].map(mib).join(", "),
  ];
}

function ratioOf({ quiet, beside }: FloodResult): number {
  return beside.p99Ms / quiet.p99Ms;
}

/** The sentences that were heard, each code once. */
export function wordsHeard(results: readonly FloodResult[]): readonly string[] {
  const sentences = new Map<string, string>();
  for (const { told } of results)
    for (const [code, { words }] of Object.entries(told.refused)) sentences.set(code, words);
  return [...sentences].map(([code, words]) => `${code}: ${words}`);
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function numeral(count: number): string {
  return count.toLocaleString("en");
}
