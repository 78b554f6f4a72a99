import { CLOSE_CODES, ERROR_CODES } from "@parlor/protocol";
import type { Problem } from "./problem.ts";

/** The page whose tables must say what the code's tables say. */
export const ERRORS_PAGE = "docs/errors.md";

/** The rows that the page must hold, in the order of the code's tables; no other row may name a code. */
export function errorRows(): string[] {
  return Object.entries(ERROR_CODES).map(
    ([code, { status, retry, meaning }]) => `| \`${code}\` | ${status} | ${retry} | ${meaning} |`,
  );
}

export function closeRows(): string[] {
  return Object.values(CLOSE_CODES).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
}

/**
 * Compares the tables of docs/errors.md with ERROR_CODES (code, HTTP status, retry, meaning) and
 * CLOSE_CODES (code, meaning). Blanks around a cell and further cells behind the last do not count.
 */
export function checkErrorTables(text: string): Problem[] {
  const rows = text
    .split("\n")
    .map((content, index) => ({ line: index + 1, cells: cellsOf(content) }))
    .filter(({ cells }) => /^(`[a-z-]+`|\d{4})$/.test(cells[0] ?? ""));
  const problems: Problem[] = [];
  const expected = [...errorRows(), ...closeRows()];
  const missing = expected.filter((row) => !rows.some(({ cells }) => startsWith(cells, cellsOf(row))));
  for (const row of missing) problems.push({ path: ERRORS_PAGE, message: `lacks this row:\n    ${row}` });
  for (const { line, cells } of rows) {
    if (!expected.some((row) => startsWith(cells, cellsOf(row)))) {
      problems.push({ path: ERRORS_PAGE, line, message: `has a row on ${cells[0]} that the code does not` });
    }
  }
  return problems;
}

function startsWith(cells: readonly string[], expected: readonly string[]): boolean {
  return expected.every((cell, index) => cells[index] === cell);
}

function cellsOf(row: string): string[] {
  const trimmed = row.trim();
  if (!trimmed.startsWith("|") || !trimmed.endsWith("|")) return [];
  return trimmed
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
}
