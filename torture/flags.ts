import { parseArgs } from "node:util";

export interface Flags {
  readonly minutes: number;
  readonly seed: string;
  readonly members: number;
  /** The rooms of one server on SQLite, or of three nodes on three servers of NATS. */
  readonly log: "sqlite" | "nats";
}

const MAX_MINUTES = 24 * 60;
const MAX_MEMBERS = 1_000;

/** Reads `--minutes N --seed S --members M --log sqlite|nats`; throws one sentence where they can't be taken. */
export function readFlags(args: readonly string[], freshSeed: string): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string", default: freshSeed },
      members: { type: "string", default: "200" },
      log: { type: "string", default: "sqlite" },
    },
  });
  const minutes = Number(values.minutes);
  const members = Number(values.members);
  if (!(minutes > 0 && minutes <= MAX_MINUTES))
    throw new Error(`--minutes takes a number above 0, at most ${MAX_MINUTES}, not "${values.minutes}".`);
  if (!(Number.isInteger(members) && members >= 12 && members <= MAX_MEMBERS))
    throw new Error(`--members takes a whole number from 12 to ${MAX_MEMBERS}, not "${values.members}".`);
  if (values.seed === "") throw new Error("--seed takes any text that is not empty.");
  const { log } = values;
  if (log !== "sqlite" && log !== "nats") throw new Error(`--log takes sqlite or nats, not "${log}".`);
  return { log, minutes, members, seed: values.seed };
}
