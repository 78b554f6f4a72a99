import type { TestEvent } from "node:test/reporters";

/** One test that ended, as the reporter writes it down: one JSON line each. */
export interface TestOutcome {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** What went wrong, with its stack. */
  readonly error?: string | undefined;
}

/**
 * A reporter for node:test that writes each ended test as a line of JSON and nothing else, for
 * scripts/run-test-file.ts to read. Suites are left out, and so are tests that failed only because a test
 * within them did.
 */
export default async function* testEvents(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const outcome = outcomeOf(event);
    if (outcome !== null) yield `${JSON.stringify(outcome)}\n`;
  }
}

function outcomeOf(event: Extract<TestEvent, { type: "test:pass" | "test:fail" }>): TestOutcome | null {
  const { name, details, skip, todo } = event.data;
  if (event.type === "test:pass") {
    if (details.type === "suite") return null;
    return { name, outcome: skip === undefined && todo === undefined ? "passed" : "skipped" };
  }
  const error = event.data.details.error as Error & { failureType?: string };
  if (error.failureType === "subtestsFailed") return null;
  // A suite fails by itself only where a hook of it threw.
  const cause = error.cause instanceof Error ? error.cause : error;
  return { name, outcome: "failed", error: cause.stack ?? cause.message };
}
