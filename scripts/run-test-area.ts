import type { Lanes } from "./lanes.ts";
import { runTestFile } from "./run-test-file.ts";
import type { TestArea } from "./test-areas.ts";

export interface AreaResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** How long each file took, or those that ran together, in ms, the longest first. */
  readonly files: readonly { readonly path: string; readonly tookMs: number }[];
  /** From the beginning of its first file to the end of its last, in ms. */
  readonly tookMs: number;
}

/**
 * Runs the test files of one area in `lanes`. How far a long test is, is given to `say` as it says it, and each failure to `say` when its file ends, and then what
 * that file printed; of what passed there is only the count.
 */
export async function runTestArea(
  root: string,
  area: TestArea,
  lanes: Lanes,
  say: (text: string) => void,
): Promise<AreaResult> {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const files: { path: string; tookMs: number }[] = [];
  let firstMs = Infinity;
  const work = async (paths: readonly string[]): Promise<void> => {
    const path = paths.length === 1 ? (paths[0] as string) : `${paths[0]} and ${paths.length - 1} more`;
    const begunMs = performance.now();
    firstMs = Math.min(firstMs, begunMs);
    const { passed, failures, skipped, output } = await runTestFile(root, paths, area.fileTimeoutMs, {
      yields: area.isBeside,
      onProgress: (words) => say(`       ${path}: ${words}`),
    });
    files.push({ path, tookMs: performance.now() - begunMs });
    sum.passed += passed;
    sum.failed += failures.length;
    sum.skipped += skipped;
    for (const failure of failures) say(`\nFAILED  ${path}: ${indent(failure)}`);
    if (failures.length > 0 && output.trim() !== "") say(indent(`\nit printed:\n${output.trim()}`));
  };
  await Promise.all(inPortions(area).map((paths) => lanes.run(() => work(paths))));
  const tookMs = files.length === 0 ? 0 : performance.now() - firstMs;
  return { ...sum, files: files.sort((a, b) => b.tookMs - a.tookMs), tookMs };
}

/** Each portion takes every so-manieth file, so that neighbours, which often cost alike, are spread. */
function inPortions({ files, filesTogether }: TestArea): string[][] {
  const count = Math.ceil(files.length / filesTogether);
  return Array.from({ length: count }, (_, at) => files.filter((_file, index) => index % count === at));
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n        ");
}
