import { parseArgs } from "node:util";

export interface Flags {
  /** The flood to run, or `storm`; null for all. */
  readonly only: string | null;
  /** How long each flood lasts, and the quiet time before it, s. */
  readonly seconds: number;
  /** Clients of the storm. */
  readonly clients: number;
  /** Whether each flood goes against a process that does nothing, too. */
  readonly control: boolean;
}

const MAX_SECONDS = 3_600;
const MAX_CLIENTS = 8_000;

/** Reads the command line; throws one sentence where it can't be taken. */
export function readFlags(args: readonly string[], names: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      seconds: { type: "string", default: "20" },
      clients: { type: "string", default: "2000" },
      control: { type: "boolean", default: false },
    },
  });
  const { only = null } = values;
  const seconds = Number(values.seconds);
  const clients = Number(values.clients);
  if (only !== null && !names.includes(only))
    throw new Error(`--only takes one of ${names.join(", ")}, not "${only}".`);
  if (!(seconds >= 1 && seconds <= MAX_SECONDS))
    throw new Error(`--seconds takes a number from 1 to ${MAX_SECONDS}, not "${values.seconds}".`);
  if (!(Number.isInteger(clients) && clients >= 10 && clients <= MAX_CLIENTS))
    throw new Error(`--clients takes a whole number from 10 to ${MAX_CLIENTS}, not "${values.clients}".`);
  return { only, seconds, clients, control: values.control };
}
