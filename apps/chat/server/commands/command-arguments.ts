import { parseArgs } from "node:util";
import { CodedError } from "@parlor/base";
import { roomNameFault } from "@parlor/protocol";
import type { Command, CommandWorld, GivenArguments } from "./command.ts";
import { wrapped } from "../wrapped.ts";

/** What was given to a command; "help"; or a fault in a sentence. */
export function readArguments(
  command: Command,
  args: readonly string[],
  world: Pick<CommandWorld, "data" | "url">,
): GivenArguments | string {
  let values: Readonly<Record<string, unknown>>;
  let positionals: readonly string[];
  try {
    const named = command.flags.map(({ name, placeholder }) => [
      name,
      { type: placeholder === null ? ("boolean" as const) : ("string" as const) },
    ]);
    const options = { ...Object.fromEntries(named), help: { type: "boolean" as const } };
    ({ values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true }));
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split(/\.(?=\s|$)/);
    return `${sentence}.`;
  }
  if (values["help"] === true) return "help";
  for (const { name, placeholder } of command.flags) {
    if (values[name] === "") return `--${name} needs a value: ${placeholder}.`;
  }
  const [min, max] = command.argumentCount;
  if (positionals.length < min || positionals.length > max || positionals.includes(""))
    return `It is used as: parlor ${command.usage}.`;
  const value = (flag: string): string | undefined => {
    const given = values[flag];
    return typeof given === "string" ? given : undefined;
  };
  return {
    positionals,
    data: value("data") ?? world.data,
    url: value("url") ?? world.url,
    value,
    has: (flag) => values[flag] !== undefined,
  };
}

/** @throws {CodedError} `bad-room` in words. */
export function checkRoom(room: string): void {
  const fault = roomNameFault(room);
  if (fault !== null) throw new CodedError("bad-room", `no room can have this name: ${fault}`);
}

/**
 * The whole number that a flag has; undefined where it was not given.
 * @throws {CodedError} `bad-flag` in words.
 */
export function wholeNumberOf(
  given: GivenArguments,
  flag: string,
  min: number,
  max: number,
): number | undefined {
  const text = given.value(flag);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d{1,16}$/.test(text) && number >= min && number <= max) return number;
  throw new CodedError(
    "bad-flag",
    `--${flag} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text.slice(0, 200))}`,
  );
}

export function commandHelp({ usage, summary, help, flags }: Command): string {
  const lines = flags.map(({ name, placeholder, help: words }) => {
    const head = placeholder === null ? `  --${name}` : `  --${name} ${placeholder}`;
    return `${head}\n${wrapped(words, 6)}`;
  });
  return [`parlor ${usage}`, "", wrapped([`It ${summary}.`, ...help].join(" "), 0), "", ...lines].join("\n");
}
