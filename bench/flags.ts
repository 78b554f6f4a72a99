import { parseArgs } from "node:util";

export interface Flags {
  /** The scenario to run; null for all. */
  readonly only: string | null;
  /** The part of it to run, where it has parts by that name; null for all of them. */
  readonly part: string | null;
  readonly isQuick: boolean;
  readonly rounds: number;
  /** Parlor's `coalesceMs`; undefined for its default. */
  readonly coalesceMs: number | undefined;
  readonly profileFolder: string | null;
  /** Whether a results file is written. */
  readonly keepsResults: boolean;
}

const ROUNDS = 3;
const QUICK_ROUNDS = 1;

/** Reads the command line; a fault is an error whose message is one sentence. */
export function readFlags(args: readonly string[], scenarios: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      part: { type: "string" },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      "coalesce-ms": { type: "string" },
      profile: { type: "string" },
      "no-results": { type: "boolean", default: false },
    },
  });
  const { only, part, quick, profile } = values;
  if (only !== undefined && !scenarios.includes(only)) {
    throw new Error(`--only takes one of ${scenarios.join(", ")}, not ${JSON.stringify(only)}.`);
  }
  if (part !== undefined && only === undefined)
    throw new Error("--part goes with --only, whose part it names.");
  return {
    only: only ?? null,
    part: part ?? null,
    isQuick: quick,
    rounds: wholeNumber("rounds", values.rounds, 1, 100) ?? (quick ? QUICK_ROUNDS : ROUNDS),
    coalesceMs: wholeNumber("coalesce-ms", values["coalesce-ms"], 0, 1_000),
    profileFolder: profile ?? null,
    keepsResults: !values["no-results"],
  };
}

function wholeNumber(
  name: string,
  given: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (given.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} takes a whole number from ${least} to ${most}, not ${JSON.stringify(given)}.`);
}
