import { CodedError } from "@parlor/base";
import { backup } from "./backup.ts";
import type { Command, CommandWorld } from "./command.ts";
import { commandHelp, readArguments } from "./command-arguments.ts";
import { copy } from "./copy.ts";
import { deleteCommand } from "./delete.ts";
import { exportRoom } from "./export.ts";
import { publish } from "./publish.ts";
import { rebuild } from "./rebuild.ts";
import { restore } from "./restore.ts";
import { rooms } from "./rooms.ts";
import { tail } from "./tail.ts";

/** Every command beside serving; the help and the tests read this list. */
export const COMMANDS: readonly Command[] = [
  tail,
  publish,
  rooms,
  exportRoom,
  deleteCommand,
  backup,
  restore,
  copy,
  rebuild,
];

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
  const given = readArguments(command, args, world);
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
    world.complain(`parlor ${command.name}: ${error.message.replace(/\.$/, "")}.`);
    return EXIT_MISUSED;
  }
}
