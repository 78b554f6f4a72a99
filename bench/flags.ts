import { parseArgs } from "node:util";

export interface Flags {
  /** The scenario to run; null for all. */
  readonly only: string | null;
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly profileFolder: string | null;
  /** Whether a results file is written. */
  readonly keepsResults: boolean;
}

const ROUNDS = 3;
const QUICK_ROUNDS = 1;
const MAX_ROUNDS = 100;

/** Reads the command line; a fault is an error whose message is one sentence. */
export function readFlags(args: readonly string[], scenarios: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      profile: { type: "string" },
      "no-results": { type: "boolean", default: false },
    },
  });
  const { only, quick, rounds: given, profile } = values;
  if (only !== undefined && !scenarios.includes(only)) {
    throw new Error(`--only takes one of ${scenarios.join(", ")}, not ${JSON.stringify(only)}.`);
  }
  const rounds = given === undefined ? (quick ? QUICK_ROUNDS : ROUNDS) : Number(given);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) {
    throw new Error(`--rounds takes a whole number from 1 to ${MAX_ROUNDS}, not ${JSON.stringify(given)}.`);
  }
  return {
    only: only ?? null,
    isQuick: quick,
    rounds,
    profileFolder: profile ?? null,
    keepsResults: !values["no-results"],
  };
}
