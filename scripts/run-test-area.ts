import { runTestFile } from "./run-test-file.ts";
import type { TestArea } from "./test-areas.ts";

export interface AreaResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** How long each file took, in ms, the longest first. */
  readonly files: readonly { readonly path: string; readonly tookMs: number }[];
}

/**
 * Runs the test files of one area, `area.concurrency` at a time. Each failure is given to `say` when its
 * file ends, and then what that file printed; of what passed there is only the count.
 */
export async function runTestArea(
  root: string,
  area: TestArea,
  say: (text: string) => void,
): Promise<AreaResult> {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const files: { path: string; tookMs: number }[] = [];
  const waiting = [...area.files];
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const begunMs = performance.now();
      const { passed, failures, skipped, output } = await runTestFile(root, path, area.fileTimeoutMs, {
        yields: area.isBeside,
      });
      files.push({ path, tookMs: performance.now() - begunMs });
      sum.passed += passed;
      sum.failed += failures.length;
      sum.skipped += skipped;
      for (const failure of failures) say(`\nFAILED  ${path}: ${indent(failure)}`);
      if (failures.length > 0 && output.trim() !== "") say(indent(`\nit printed:\n${output.trim()}`));
    }
  };
  await Promise.all(Array.from({ length: area.concurrency }, work));
  return { ...sum, files: files.sort((a, b) => b.tookMs - a.tookMs) };
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n        ");
}
