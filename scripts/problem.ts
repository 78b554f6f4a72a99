/** One thing that a checker refuses. */
export interface Problem {
  /** Below the root, with `/`. */
  readonly path: string;
  /** From 1; absent where the whole file is meant. */
  readonly line?: number | undefined;
  /** A sentence that says what is wrong and, where it is not plain, what to do. */
  readonly message: string;
}

export function formatProblem(problem: Problem): string {
  const place = problem.line === undefined ? problem.path : `${problem.path}:${problem.line}`;
  return `${place}: ${problem.message}`;
}

/** How a checker ends that was started alone: what it found, and the exit code that says so. */
export function reportAndExit(problems: readonly Problem[]): never {
  for (const problem of problems) console.error(formatProblem(problem));
  process.exit(problems.length === 0 ? 0 : 1);
}
