import "./need-node-24.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reportAndExit, type Problem } from "./problem.ts";
import { sourceFiles } from "./source-files.ts";

const MAX_CODE_LINES = 400;

/** Those that are to be read as a whole, and copied. */
const SHORT_EXAMPLES = ["examples/game", "examples/stock-ticker"];

/** An example worth copying has under 400 lines of code, page and server together; its tests are not counted. */
export function checkExamples(root: string): Problem[] {
  const paths = sourceFiles(root, [".ts", ".tsx", ".mjs"]).filter((path) => !/\.test\.tsx?$/.test(path));
  return SHORT_EXAMPLES.flatMap((folder) => {
    const own = paths.filter((path) => path.startsWith(`${folder}/`));
    const lines = own.reduce((sum, path) => sum + countCode(readFileSync(join(root, path), "utf8")), 0);
    if (own.length === 0) return [{ path: folder, message: "has no code; the example is gone or elsewhere" }];
    if (lines < MAX_CODE_LINES) return [];
    const message = `has ${lines} lines of code; an example to copy has under ${MAX_CODE_LINES}, so move what others need into a package`;
    return [{ path: folder, message }];
  });
}

/** Lines that are neither blank nor comment alone. */
export function countCode(text: string): number {
  let isInComment = false;
  return text.split("\n").filter((line) => {
    const words = line.trim();
    if (isInComment) {
      isInComment = !words.includes("*/");
      return false;
    }
    if (words === "" || words.startsWith("//")) return false;
    if (!words.startsWith("/*")) return true;
    isInComment = !words.includes("*/");
    return false;
  }).length;
}

if (import.meta.main) reportAndExit(checkExamples(process.cwd()));
