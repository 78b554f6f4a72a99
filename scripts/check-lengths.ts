import "./need-node-24.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reportAndExit, type Problem } from "./problem.ts";
import { sourceFiles } from "./source-files.ts";

const MAX_LINES = 400;

/** No file written by hand has more than 400 lines; there is no way to ask for more. */
export function checkLengths(root: string): Problem[] {
  const problems: Problem[] = [];
  for (const path of sourceFiles(root, [".ts", ".tsx", ".mjs", ".css"])) {
    const lines = countLines(readFileSync(join(root, path), "utf8"));
    if (lines > MAX_LINES) {
      problems.push({ path, message: `has ${lines} lines; cut it by ideas, at most ${MAX_LINES} a file` });
    }
  }
  return problems;
}

function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

if (import.meta.main) reportAndExit(checkLengths(process.cwd()));
