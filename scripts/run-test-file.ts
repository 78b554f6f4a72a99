import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { COMMAND_VARIABLE } from "./bundle-command.ts";
import { isGroupRunning, killGroup } from "./process-group.ts";
import { FILE_MARK } from "./run-together.ts";
import type { TestOutcome } from "./test-events.ts";
import { compileCacheOf } from "./warm-compile-cache.ts";

export interface FileResult {
  readonly passed: number;
  readonly skipped: number;
  /** Each failure in words. */
  readonly failures: readonly string[];
  /** Names of the tests that failed. */
  readonly failedTests: readonly string[];
  readonly hasTimedOut: boolean;
  /** What the file printed, its end where it is long. */
  readonly output: string;
}

/** What a line begins with in which a test of many minutes says how far it is. */
const PROGRESS = "progress: ";
const MAX_OUTPUT_CHARACTERS = 60_000;
const LEFTOVER_GRACE_MS = 2_000;

/** Groups of processes that run now; they end when this process does. */
const living = new Set<number>();
process.on("exit", () => {
  for (const pid of living) killGroup(pid);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

/**
 * Runs test files in a process, and a group of processes, of their own. Beside the tests that failed it counts as
 * a failure: a file that held no test, and a process that ended badly, took longer than `timeoutMs`, or left
 * another behind.
 *
 * @param paths  One file; or several that run one after the other, so that what they share is loaded once.
 * @param options.yields  It takes only what others leave of the cores.
 * @param options.onProgress  Is told how far a long test is, while it runs.
 */
export async function runTestFile(
  root: string,
  paths: string | readonly string[],
  timeoutMs: number,
  {
    yields = false,
    onProgress,
  }: { readonly yields?: boolean; readonly onProgress?: (words: string) => void } = {},
): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), "parlor-test-"));
  const events = join(folder, "events");
  const reporter = join(import.meta.dirname, "test-events.ts");
  const files = [paths].flat();
  const together = files.length > 1 ? [join(import.meta.dirname, "run-together.ts")] : [];
  const report = [`--test-reporter=${reporter}`, `--test-reporter-destination=${events}`];
  const args = [...report, ...together, ...files.map((path) => join(root, path))];
  const child = spawn(process.execPath, args, {
    cwd: root,
    // Types are stripped and modules compiled once, not again by each of some thousand processes.
    env: { ...environmentIn(root), NODE_COMPILE_CACHE: compileCacheOf(root) },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid as number;
  living.add(pid);
  if (yields) yieldCores(pid);
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARACTERS);
  };
  child.stdout.on("data", keep);
  if (onProgress !== undefined)
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith(PROGRESS)) onProgress(line.slice(PROGRESS.length));
    });
  child.stderr.on("data", keep);
  const failures: string[] = [];
  let hasTimedOut = false;
  const timer = setTimeout(() => {
    hasTimedOut = true;
    failures.push(
      `took longer than ${Math.round(timeoutMs / 100) / 10} s, or never ended because something was left open`,
    );
    killGroup(pid);
  }, timeoutMs);
  const ended = await new Promise<string | null>((resolve) => {
    child.on("exit", (exitCode, signal) =>
      resolve(exitCode === 0 ? null : `ended with ${exitCode ?? signal}`),
    );
  });
  clearTimeout(timer);
  if (failures.length === 0 && (await hasLeftovers(pid)))
    failures.push("left a process behind, which was killed");
  killGroup(pid);
  living.delete(pid);

  const byFile = outcomesOf(root, files, readOutcomes(events));
  rmSync(folder, { recursive: true, force: true });
  const outcomes = [...byFile.values()].flat();
  const failed = outcomes.filter(({ outcome }) => outcome === "failed");
  for (const [path, ofFile] of byFile) {
    const where = files.length === 1 ? "" : `${path}: `;
    for (const { name, outcome, error } of ofFile)
      if (outcome === "failed") failures.push(`${where}${name}\n${error ?? ""}`);
  }
  if (failures.length === 0 && ended !== null) failures.push(ended);
  if (failures.length === 0) {
    for (const [path, { length }] of byFile)
      if (length === 0) failures.push(files.length === 1 ? "holds no test" : `${path} holds no test`);
  }
  const count = (wanted: TestOutcome["outcome"]): number =>
    outcomes.filter(({ outcome }) => outcome === wanted).length;
  return {
    passed: count("passed"),
    skipped: count("skipped"),
    failures,
    failedTests: failed.map(({ name }) => name),
    hasTimedOut,
    output,
  };
}

/** A command that was bundled from other sources than these is not what tests here are to start. */
function environmentIn(root: string): NodeJS.ProcessEnv {
  const { [COMMAND_VARIABLE]: command, ...environment } = process.env;
  return command?.startsWith(root + sep) ? process.env : environment;
}

/** What is told behind the mark of a file is of its tests; of one file alone all is. */
function outcomesOf(
  root: string,
  files: readonly string[],
  told: readonly TestOutcome[],
): ReadonlyMap<string, readonly TestOutcome[]> {
  const byFile = new Map(files.map((path) => [path, [] as TestOutcome[]]));
  let current = byFile.get(files[0] ?? "");
  for (const outcome of told) {
    const { name } = outcome;
    const marked = name.startsWith(FILE_MARK) ? relative(root, name.slice(FILE_MARK.length)) : "";
    if (byFile.has(marked)) current = byFile.get(marked);
    else current?.push(outcome);
  }
  return byFile;
}

/** Gives a process, which begins a session of its own, and all that it starts the least share of the cores. */
function yieldCores(pid: number): void {
  const least = 19;
  try {
    setPriority(pid, least);
    // Where Linux shares the cores between sessions first, a priority counts only within one.
    writeFileSync(`/proc/${pid}/autogroup`, String(least));
  } catch {
    // It has ended already, or this system has no such thing: then it shares as all others do.
  }
}

/** A last line that was cut, where the process died in the middle of it, is left out. */
function readOutcomes(path: string): TestOutcome[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as TestOutcome);
}

/** Whether processes of the group are still there after a moment in which they may end by themselves. */
async function hasLeftovers(pid: number): Promise<boolean> {
  for (let waitedMs = 0; isGroupRunning(pid); waitedMs += 50) {
    if (waitedMs >= LEFTOVER_GRACE_MS) return true;
    await wait(50);
  }
  return false;
}
