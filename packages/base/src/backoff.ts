import type { Random } from "./random.ts";

export interface BackoffOptions {
  /** Cap of the first wait, in ms. */
  readonly baseMs: number;
  /** Cap that no wait exceeds, in ms. */
  readonly maxMs: number;
}

/**
 * Full jitter: a wait drawn evenly from [0, min(maxMs, baseMs × 2^attempt)].
 * Even the first try is spread, so that a thousand clients cut at one moment do not return at one moment.
 */
export function fullJitterMs(attempt: number, options: BackoffOptions, random: Random): number {
  const cap = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return random() * cap;
}
