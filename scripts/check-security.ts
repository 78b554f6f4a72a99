import "./need-node-24.ts";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reportAndExit, type Problem } from "./problem.ts";
import { sourceFiles } from "./source-files.ts";
import { tokenize } from "./source-tokens.ts";

/** The page with one row for each bad input (B) and each control (O). */
export const SECURITY_PAGE = "docs/security.md";

/** The cases that the page must have, in its order. The gaps are the list's own. */
export const CASES: readonly string[] = [
  ...numbered("B", 1, 22),
  ...numbered("B", 30, 38),
  ...numbered("B", 40, 47),
  ...numbered("B", 50, 55),
  "B60",
  "B61",
  ...numbered("O", 1, 26),
];

const ROW = /^\|\s*([BO]\d+)\s*\|(.*)\|\s*$/;
const PATH = /`([^`]+\.(?:test|e2e)\.ts)`/g;
/** How the last cell begins where no test can be named; the reason follows. */
const WITHOUT_TEST = /^none: .{30,}/;
/** Cases stand at the end of a test's name, or of a part of it: `(B10)`, `(B2, O3)`. */
const CITED = /\(([BO]\d+(?:, [BO]\d+)*)\)/g;

interface Row {
  readonly id: string;
  readonly line: number;
  readonly paths: readonly string[];
  readonly lastCell: string;
}

/**
 * Checks that the page and the tests speak of the same cases: each case has one row, each row names tests
 * that name the case, or says why there is none, and each test that names a case stands in its row.
 */
export function checkSecurity(root: string): Problem[] {
  if (!existsSync(join(root, SECURITY_PAGE))) return [{ path: SECURITY_PAGE, message: "is missing" }];
  const rows = rowsOf(readFileSync(join(root, SECURITY_PAGE), "utf8"));
  const cited = citedByTests(root);
  return [
    ...rowProblems(rows),
    ...rows.flatMap((row) => pathProblems(row, cited)),
    ...missingPaths(rows, cited),
  ];
}

function rowsOf(text: string): Row[] {
  return text.split("\n").flatMap((content, index) => {
    const [, id, rest] = ROW.exec(content) ?? [];
    if (id === undefined || rest === undefined) return [];
    const lastCell = rest.split("|").at(-1)?.trim() ?? "";
    return [
      {
        id,
        line: index + 1,
        lastCell,
        paths: [...lastCell.matchAll(PATH)].map(([, path]) => path as string),
      },
    ];
  });
}

function rowProblems(rows: readonly Row[]): Problem[] {
  const problems: Problem[] = [];
  const ids = rows.map(({ id }) => id);
  for (const id of CASES)
    if (!ids.includes(id)) problems.push({ path: SECURITY_PAGE, message: `has no row on ${id}` });
  for (const [index, { id, line, paths, lastCell }] of rows.entries()) {
    const place = { path: SECURITY_PAGE, line };
    if (!CASES.includes(id)) problems.push({ ...place, message: `has a row on ${id}, which is no case` });
    else if (ids.indexOf(id) !== index) problems.push({ ...place, message: `has a second row on ${id}` });
    if (paths.length === 0 && !WITHOUT_TEST.test(lastCell)) {
      problems.push({
        ...place,
        message: `${id} names no test, and no reason ("none: …") why there is none`,
      });
    }
  }
  return problems;
}

function pathProblems({ id, line, paths }: Row, cited: ReadonlyMap<string, ReadonlySet<string>>): Problem[] {
  return paths.flatMap((path) => {
    const named = cited.get(path);
    if (named?.has(id) === true) return [];
    const what = named === undefined ? "does not exist" : `has no test that names (${id})`;
    return [{ path: SECURITY_PAGE, line, message: `${id} cites ${path}, which ${what}` }];
  });
}

function missingPaths(rows: readonly Row[], cited: ReadonlyMap<string, ReadonlySet<string>>): Problem[] {
  const problems: Problem[] = [];
  for (const [path, ids] of cited) {
    for (const id of ids) {
      if (!rows.some((row) => row.id === id && row.paths.includes(path))) {
        problems.push({
          path,
          message: `has a test that names (${id}); name the file in that row of ${SECURITY_PAGE}`,
        });
      }
    }
  }
  return problems;
}

/** For each test file the cases that its strings name; this checker's own test names some on purpose. */
function citedByTests(root: string): Map<string, Set<string>> {
  const cited = new Map<string, Set<string>>();
  for (const path of sourceFiles(root, [".test.ts", ".e2e.ts"])) {
    const ids = new Set<string>();
    cited.set(path, ids);
    if (path === "scripts/check-security.test.ts") continue;
    for (const { kind, text } of tokenize(readFileSync(join(root, path), "utf8"))) {
      if (kind !== "string") continue;
      for (const [, list] of text.matchAll(CITED)) for (const id of (list as string).split(", ")) ids.add(id);
    }
  }
  return cited;
}

function numbered(letter: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => `${letter}${first + i}`);
}

if (import.meta.main) reportAndExit(checkSecurity(process.cwd()));
