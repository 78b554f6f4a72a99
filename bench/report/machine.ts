import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { canPin } from "../processes/cores.ts";

/** How a result came to be: without it a number means nothing. */
export interface HowItWasRun {
  readonly date: string;
  readonly command: string;
  readonly commit: string;
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly isPinned: boolean;
  readonly rounds: number;
  readonly isQuick: boolean;
}

export function howItWasRun(options: {
  args: readonly string[];
  rounds: number;
  isQuick: boolean;
}): HowItWasRun {
  const { args, rounds, isQuick } = options;
  return {
    date: new Date().toISOString(),
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    commit: commit(),
    node: process.version,
    system: `${type()} ${release()}, ${process.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    isPinned: canPin,
    rounds,
    isQuick,
  };
}

/** The commit, and whether sources differ from it; "unknown" outside a clone. */
function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8", stdio: "pipe" }).trim();
  try {
    const isChanged = git("status", "--porcelain", "--", ":/packages", ":/bench/**/*.ts") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " and uncommitted changes" : ""}`;
  } catch {
    return "unknown";
  }
}
