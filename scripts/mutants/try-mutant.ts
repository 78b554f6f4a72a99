import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runTestFile, type FileResult } from "../run-test-file.ts";
import type { Mutant, Verdict } from "./mutant.ts";
import type { ScratchCopy } from "./scratch-copy.ts";

/** How long a file may take on code that nobody broke. */
const SOUND_TIMEOUT_MS = 300_000;
/** Broken code may hang: a file counts as failed after this many times its usual time, and so much more. */
const PATIENCE = { factor: 2, moreMs: 20_000 };

/** Tests that pass on code that nobody broke, and how long each file took, in ms. */
export type SoundTests = ReadonlyMap<string, number>;

/** Runs tests on code that nobody broke; what fails even so can say nothing of mutants. */
export async function runSound(
  scratch: ScratchCopy,
  files: Iterable<string>,
): Promise<{ readonly sound: SoundTests; readonly failing: readonly string[] }> {
  const sound = new Map<string, number>();
  const failing: string[] = [];
  for (const file of files) {
    const fault = buildPageFor(scratch.root, file);
    if (fault !== null) {
      failing.push(`${file}: ${fault}`);
      continue;
    }
    const begunMs = performance.now();
    const { failures } = await runTestFile(scratch.root, file, SOUND_TIMEOUT_MS);
    if (failures.length === 0) sound.set(file, performance.now() - begunMs);
    else failing.push(`${file}: ${failures[0]}`);
  }
  return { sound, failing };
}

/** Breaks the code, runs the mutant's tests on it, and mends it. */
export async function tryMutant(scratch: ScratchCopy, mutant: Mutant, sound: SoundTests): Promise<Verdict> {
  const applied = scratch.apply(mutant.edits);
  if ("why" in applied) return { kind: "stale", why: applied.why };
  using _ = applied.undo;
  const by: { file: string; tests: readonly string[] }[] = [];
  for (const file of mutant.tests) {
    const fault = buildPageFor(scratch.root, file);
    if (fault !== null) return { kind: "does-not-run", why: fault };
    const timeoutMs = (sound.get(file) ?? 0) * PATIENCE.factor + PATIENCE.moreMs;
    const result = await runTestFile(scratch.root, file, timeoutMs);
    if (result.failures.length === 0) continue;
    if (!hasRun(result)) {
      const output = result.output.trim().split("\n").slice(0, 12).join(" | ");
      return { kind: "does-not-run", why: `${file} ${result.failures[0]}; it printed: ${output}` };
    }
    by.push({ file, tests: result.failedTests.length > 0 ? result.failedTests : result.failures });
  }
  return by.length > 0 ? { kind: "caught", by } : { kind: "survived" };
}

/** Tests of pages open what is built. @returns why it can't be built; null where it is, or nothing is to be */
function buildPageFor(root: string, file: string): string | null {
  if (!file.endsWith(".e2e.ts")) return null;
  const build = join(root, "apps", "chat", "web", "build.ts");
  const { status, stderr } = spawnSync(process.execPath, [build], { cwd: root, encoding: "utf8" });
  return status === 0 ? null : `the page is not built: ${stderr.trim().split("\n").slice(0, 6).join(" | ")}`;
}

/** Whether a failure speaks of what the code does: a test of the file came to an end, or hangs. */
function hasRun(result: FileResult): boolean {
  return result.passed > 0 || result.failedTests.length > 0 || result.hasTimedOut;
}
