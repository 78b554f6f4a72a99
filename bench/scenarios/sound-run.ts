import type { Pace } from "../load/paced-publishing.ts";
import type { Bench } from "./bench.ts";

const MAX_TRIES = 3;

/**
 * Measures until the load generator has kept up: a run in which it starved says nothing of the server.
 * After three such runs there is no result, and an error says so.
 */
export async function soundRun<T extends { readonly pace: Pace }>(
  bench: Bench,
  label: string,
  run: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const result = await run();
    if (!result.pace.isStarved) return result;
    const { lateP99Ms, loopDelayP99Ms } = result.pace;
    bench.say(
      `  void: the load generator starved in a run of ${label} ` +
        `(publishes late by ${lateP99Ms.toFixed(0)} ms, its loop by ${loopDelayP99Ms.toFixed(0)} ms at p99); once more`,
    );
  }
  throw new Error(
    `The load generator starved in ${MAX_TRIES} runs of ${label}: something else keeps this machine busy.`,
  );
}
