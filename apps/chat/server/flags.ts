import { parseArgs } from "node:util";
import { FLAGS, type Flag, type FlagName, type Settings } from "./flag-table.ts";

/** What a command line asks for; a fault is one sentence for stderr, and exit code 2. */
export type CommandLine =
  | { readonly kind: "serve"; readonly settings: Settings }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "fault"; readonly message: string };

export type Environment = Readonly<Record<string, string | undefined>>;

const NAMES = Object.keys(FLAGS) as readonly FlagName[];

/**
 * Reads a command line and the environment. A flag wins over its variable, and of a flag given twice
 * the last one counts; a variable that is set to nothing counts as not set.
 */
export function readCommandLine(args: readonly string[], environment: Environment): CommandLine {
  const { tokens } = parseArgs({
    args: [...args],
    // Lenient and by tokens: its own complaints are not sentences, and may show a secret.
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      help: { type: "boolean" },
      version: { type: "boolean" },
      ...Object.fromEntries(NAMES.map((name) => [FLAGS[name].flag, { type: "string" as const }])),
    },
  });
  const given = new Map<FlagName, string>();
  let faultMessage: string | null = null;
  let asksFor: "help" | "version" | null = null;
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "option" && (token.rawName === "--help" || token.rawName === "--version")) {
      asksFor ??= token.name as "help" | "version";
      continue;
    }
    const name =
      token.kind === "option" ? NAMES.find((each) => `--${FLAGS[each].flag}` === token.rawName) : null;
    if (token.kind === "positional") faultMessage ??= commandFault(token.value);
    else if (name === null || name === undefined) faultMessage ??= `There is no flag ${token.rawName}.`;
    else if (token.value === undefined) faultMessage ??= `--${FLAGS[name].flag} needs a value.`;
    else given.set(name, token.value);
  }
  if (asksFor !== null) return { kind: asksFor };
  if (faultMessage !== null) return { kind: "fault", message: `${faultMessage} See parlor --help.` };
  return readSettings(given, environment);
}

function readSettings(given: ReadonlyMap<FlagName, string>, environment: Environment): CommandLine {
  const settings: Partial<Record<FlagName, unknown>> = {};
  for (const name of NAMES) {
    const flag: Flag<unknown> = FLAGS[name];
    const fromFlag = given.get(name);
    const text = fromFlag ?? (environment[flag.environment] || undefined);
    if (text === undefined) {
      settings[name] = flag.standard;
      continue;
    }
    const checked = flag.check(text);
    if (!checked.ok) {
      const source = fromFlag === undefined ? flag.environment : `--${flag.flag}`;
      const butNot = flag.isSecret ? "" : `, not ${JSON.stringify(text.slice(0, 200))}`;
      return { kind: "fault", message: `${source} takes ${checked.expected}${butNot}.` };
    }
    settings[name] = checked.value;
  }
  return { kind: "serve", settings: settings as Settings };
}

function commandFault(word: string): string {
  return `There is no command ${JSON.stringify(word.slice(0, 200))}.`;
}
