import { parseArgs } from "node:util";

export interface Flags {
  /** Runs the seeds `from` to `from + seeds - 1`. */
  readonly from: number;
  readonly seeds: number;
  /** Or this one alone, and tells more. */
  readonly seed: string | null;
  /** And so many lively ones beside them: where nothing else was asked for, a tenth of all. */
  readonly livelySeeds: number;
  /** With state, presence and signals, deletions and restored backups. */
  readonly isLively: boolean;
}

/** What every test run runs: 20,000 in all. */
export const PLAIN_SEEDS = 18_000;
export const LIVELY_SEEDS = 2_000;
const MAX_SEEDS = 100_000_000;

/** Reads `--seeds N --from S` or `--seed S`, and `--lively`; throws one sentence where they can't be taken. */
export function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: String(PLAIN_SEEDS) },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      lively: { type: "boolean", default: false },
    },
  });
  const seeds = Number(values.seeds);
  const from = Number(values.from);
  if (!(Number.isInteger(seeds) && seeds >= 1 && seeds <= MAX_SEEDS))
    throw new Error(`--seeds takes a whole number from 1 to ${MAX_SEEDS}, not "${values.seeds}".`);
  if (!Number.isSafeInteger(from) || from < 0)
    throw new Error(`--from takes a whole number from 0, not "${values.from}".`);
  if (values.seed === "") throw new Error("--seed takes any text that is not empty.");
  const livelySeeds = args.length === 0 ? LIVELY_SEEDS : 0;
  return { seeds, livelySeeds, from, seed: values.seed ?? null, isLively: values.lively };
}
