import assert from "node:assert/strict";
import { commandOf, runCommand } from "../commands/run-command.ts";

export interface HeardCommand {
  readonly code: number;
  readonly said: readonly string[];
  readonly complained: readonly string[];
  readonly noted: readonly string[];
  readonly progress: readonly string[];
}

export interface CommandSurroundings {
  readonly data?: string;
  readonly url?: string;
  readonly input?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Called at each word of progress, and may stop the command by a fault. */
  readonly progress?: () => void;
}

/** Runs a command in this process to its end, and gives everything that it said. */
export async function runHeard(
  args: readonly string[],
  {
    data = "/nowhere/at/all",
    url = "http://127.0.0.1:9/",
    input = [],
    progress: onProgress,
  }: CommandSurroundings = {},
): Promise<HeardCommand> {
  const [said, complained, noted, progress]: [string[], string[], string[], string[]] = [[], [], [], []];
  const command = commandOf(args);
  assert.ok(command !== undefined, `${args[0]} is a command`);
  const code = await runCommand(command, args.slice(1), {
    say: (line) => void said.push(line),
    complain: (line) => void complained.push(line),
    note: (line) => void noted.push(line),
    progress: (line) => {
      progress.push(line);
      onProgress?.();
    },
    // Both kinds of iterables end up as one that is awaited.
    input: async function* () {
      yield* input;
    },
    data,
    url,
  });
  return { code, said, complained, noted, progress };
}
