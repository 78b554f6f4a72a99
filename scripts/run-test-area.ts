import type { Lanes } from "./lanes.ts";
import { runTestFile } from "./run-test-file.ts";
import type { TestArea } from "./test-areas.ts";

export interface AreaResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** How long each file took, in ms, the longest first. */
  readonly files: readonly { readonly path: string; readonly tookMs: number }[];
  /** From the beginning of its first file to the end of its last, in ms. */
  readonly tookMs: number;
}

/**
 * Runs the test files of one area in `lanes`. Each failure is given to `say` when its file ends, and then what
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
  const work = async (path: string): Promise<void> => {
    const begunMs = performance.now();
    firstMs = Math.min(firstMs, begunMs);
    const { passed, failures, skipped, output } = await runTestFile(root, path, area.fileTimeoutMs, {
      yields: area.isBeside,
    });
    files.push({ path, tookMs: performance.now() - begunMs });
    sum.passed += passed;
    sum.failed += failures.length;
    sum.skipped += skipped;
    for (const failure of failures) say(`\nFAILED  ${path}: ${indent(failure)}`);
    if (failures.length > 0 && output.trim() !== "") say(indent(`\nit printed:\n${output.trim()}`));
  };
  await Promise.all(area.files.map((path) => lanes.run(() => work(path))));
  const tookMs = files.length === 0 ? 0 : performance.now() - firstMs;
  return { ...sum, files: files.sort((a, b) => b.tookMs - a.tookMs), tookMs };
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n        ");
}
