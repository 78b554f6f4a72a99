import { parseArgs } from "node:util";
import { CodedError } from "@parlor/base";
import { backup } from "./backup.ts";
import type { Command, CommandWorld, GivenArguments } from "./command.ts";
import { exportRoom } from "./export.ts";
import { restore } from "./restore.ts";
import { rooms } from "./rooms.ts";

/** Every command beside serving; the help and the tests read this list. */
export const COMMANDS: readonly Command[] = [rooms, exportRoom, backup, restore];

const EXIT_MISUSED = 2;

/** The command that a line begins with; undefined where it is none. */
export function commandOf(args: readonly string[]): Command | undefined {
  return COMMANDS.find(({ name }) => name === args[0]);
}

/** Runs a command with what stands behind its name; returns the exit code. Faults are one sentence. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  world: CommandWorld & { complain(line: string): void },
): Promise<number> {
  const given = readArguments(command, args, world.data);
  if (given === "help") {
    await world.say(commandHelp(command));
    return 0;
  }
  if (typeof given === "string") {
    world.complain(`parlor ${command.name}: ${given} See parlor ${command.name} --help.`);
    return EXIT_MISUSED;
  }
  try {
    await command.run(given, world);
    return 0;
  } catch (error) {
    const isKnown = error instanceof CodedError || (error as NodeJS.ErrnoException).code !== undefined;
    if (!isKnown || !(error instanceof Error)) throw error;
    world.complain(`parlor ${command.name}: ${error.message}.`);
    return EXIT_MISUSED;
  }
}

/** What was given; "help"; or a fault in a sentence. */
function readArguments(
  command: Command,
  args: readonly string[],
  standardData: string,
): GivenArguments | string {
  let values: { readonly data?: string | undefined; readonly help?: boolean | undefined };
  let positionals: readonly string[];
  try {
    const options = { data: { type: "string" }, help: { type: "boolean" } } as const;
    ({ values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true }));
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split(/\.(?=\s|$)/);
    return `${sentence}.`;
  }
  if (values.help === true) return "help";
  if (values.data === "") return "--data needs a folder.";
  const { argumentCount } = command;
  if (positionals.length !== argumentCount || positionals.includes(""))
    return `It is used as: parlor ${command.usage}.`;
  return { positionals, data: values.data ?? standardData };
}

function commandHelp({ usage, summary, help }: Command): string {
  const data = "  --data FOLDER  where the log is (default: PARLOR_DATA, else ./data)";
  return [`parlor ${usage}`, "", `It ${summary}.`, ...help, "", data].join("\n");
}
