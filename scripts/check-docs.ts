import "./need-node-24.ts";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkDocPaths } from "./check-doc-paths.ts";
import { checkErrorTables, ERRORS_PAGE } from "./check-error-tables.ts";
import { checkRuleIds } from "./check-rule-ids.ts";
import { reportAndExit, type Problem } from "./problem.ts";

/** Checks that our pages speak of what there is: paths, rules, codes. */
export function checkDocs(root: string): Problem[] {
  const errorsPage = join(root, ERRORS_PAGE);
  return [
    ...checkDocPaths(root),
    ...checkRuleIds(root),
    ...(existsSync(errorsPage) ? checkErrorTables(readFileSync(errorsPage, "utf8")) : []),
  ];
}

if (import.meta.main) reportAndExit(checkDocs(process.cwd()));
