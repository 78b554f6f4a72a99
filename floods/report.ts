import type { FloodResult } from "./run-flood.ts";
import { MIB } from "./memory.ts";

/** How much slower a well-behaved pair may be beside a flood. */
const MAX_RATIO = 2;

const COLUMNS = [
  "flood",
  "sent",
  "refused",
  "p99 quiet",
  "beside",
  "ratio",
  "longest turn",
  "before",
  "peak",
  "bound",
  "after",
  "verdict",
];

/** One table of all floods, of Markdown, which a terminal shows as well. */
export function reportTable(results: readonly FloodResult[]): readonly string[] {
  const rows = [COLUMNS, ...results.map(row)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(COLUMNS), line(widths.map((width) => "-".repeat(width))), ...rows.slice(1).map(line)];
}

function row({
  flood,
  told,
  quietP99Ms,
  besideP99Ms,
  quietTurnMs,
  besideTurnMs,
  memory,
  faults,
}: FloodResult): string[] {
  const refused = Object.entries(told.refused).map(([code, { count }]) => `${numeral(count)} ${code}`);
  if (told.cutUnread > 0) refused.push(`${numeral(told.cutUnread)} cut unread`);
  const ratio = besideP99Ms / quietP99Ms;
  const sent = Object.entries(told.sent).map(([what, count]) => `${numeral(count)} ${what}`);
  return [
    flood.name,
    sent.join(", "),
    refused.join(", ") || "none",
    `${quietP99Ms.toFixed(1)} ms`,
    `${besideP99Ms.toFixed(1)} ms`,
    ratio.toFixed(1),
    `${quietTurnMs.toFixed(1)}, ${besideTurnMs.toFixed(1)} ms`,
    ...[memory.beforeBytes, memory.peakBytes, memory.boundBytes, memory.afterBytes].map(mib),
    faults.length > 0 ? "FAILED" : ratio <= MAX_RATIO ? "held" : "held, slower",
  ];
}

/** The sentences that were heard, each code once. */
export function wordsHeard(results: readonly FloodResult[]): readonly string[] {
  const sentences = new Map<string, string>();
  for (const { told } of results)
    for (const [code, { words }] of Object.entries(told.refused)) sentences.set(code, words);
  return [...sentences].map(([code, words]) => `${code}: ${words}`);
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

function numeral(count: number): string {
  return count.toLocaleString("en");
}
