import type { Check, ScenarioResult, Table } from "../scenarios/bench.ts";

/** A table for a terminal: columns as wide as they must be, numbers as they are. */
export function textTable({ columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("   ")}`.trimEnd())
    .join("\n");
}

export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Every target of every scenario that ran, and whether it was reached. */
export function checksTable(results: readonly ScenarioResult[]): Table {
  const row = (scenario: string, { what, target, measured, isReached }: Check): string[] => [
    scenario,
    what,
    target,
    measured,
    isReached ? "yes" : "NO",
  ];
  return {
    columns: ["scenario", "what", "target", "measured", "reached"],
    rows: results.flatMap(({ name, checks }) => checks.map((check) => row(name, check))),
  };
}
