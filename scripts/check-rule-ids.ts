import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "./problem.ts";
import { sourceFiles } from "./source-files.ts";
import { tokenize } from "./source-tokens.ts";

/** Pages that define rules. */
const PAGES = ["docs/protocol.md", "docs/guarantees.md"];
const ID = /\[([A-Z][A-Z0-9]*-\d+)\]/g;
/** A rule is defined where its id begins a line, a list item, a table's cell or a heading. */
const DEFINITION = /^\s*(?:[-*+]\s+|\|\s*|\d+\.\s+|#+\s+)?(?:\*\*)?`?\[([A-Z][A-Z0-9]*-\d+)\]/;

interface Place {
  readonly path: string;
  readonly line: number;
}

/**
 * Checks that rules and tests know one another: every rule is defined once and has a test that cites it,
 * and every id that a test or a page cites is defined.
 */
export function checkRuleIds(root: string): Problem[] {
  const problems: Problem[] = [];
  const defined = new Map<string, Place>();
  const mentioned: [string, Place][] = [];
  for (const path of PAGES) {
    if (!existsSync(join(root, path))) continue;
    for (const [index, content] of readFileSync(join(root, path), "utf8").split("\n").entries()) {
      const place = { path, line: index + 1 };
      const own = DEFINITION.exec(content)?.[1];
      const first = own === undefined ? undefined : defined.get(own);
      if (first !== undefined) {
        problems.push({ ...place, message: `defines [${own}] again; ${first.path}:${first.line} has it` });
      } else if (own !== undefined) defined.set(own, place);
      for (const [, id] of content.matchAll(ID)) mentioned.push([id as string, place]);
    }
  }
  const tested = citedByTests(root);
  const undefinedIds = Map.groupBy(
    [...mentioned, ...tested].filter(([id]) => !defined.has(id)),
    ([id]) => id,
  );
  for (const [id, places] of undefinedIds) {
    const [[, first]] = places as [[string, Place]];
    const others = places.length === 1 ? "" : ` (here and in ${places.length - 1} more places)`;
    problems.push({ ...first, message: `cites [${id}], which ${PAGES.join(" and ")} lack${others}` });
  }
  const citedIds = new Set(tested.map(([id]) => id));
  for (const [id, place] of defined) {
    if (!citedIds.has(id)) problems.push({ ...place, message: `defines [${id}], which no test cites` });
  }
  return problems;
}

/** Ids in the strings of tests; what a comment cites does not count. */
function citedByTests(root: string): [string, Place][] {
  const cited: [string, Place][] = [];
  for (const path of sourceFiles(root, [".ts", ".tsx"]).filter(definesTests)) {
    for (const token of tokenize(readFileSync(join(root, path), "utf8"))) {
      if (token.kind !== "string") continue;
      for (const [, id] of token.text.matchAll(ID)) cited.push([id as string, { path, line: token.line }]);
    }
  }
  return cited;
}

/** The checkers' own tests hold ids that are wrong on purpose. */
function definesTests(path: string): boolean {
  if (path.startsWith("scripts/") && !path.startsWith("scripts/packages/")) return false;
  return /\.(test|e2e)\.tsx?$/.test(path) || path.startsWith("packages/testkit/src/contracts/");
}
