import { COMMANDS } from "./commands/run-command.ts";
import { FLAGS, type Flag } from "./flag-table.ts";
import { wrapped } from "./wrapped.ts";

const INDENT = 6;

/** The text of `parlor --help`, made from the table of flags. */
export function helpText(): string {
  const flags = Object.values(FLAGS).map((flag: Flag<unknown>) => {
    const standard = flag.standardWords ?? String(flag.standard);
    const head = `  --${flag.flag} ${flag.placeholder}`;
    return `${head.padEnd(38)}${flag.environment}\n${wrapped(`${flag.help} (default: ${standard})`, INDENT)}`;
  });
  return [
    "parlor serves rooms that lose nothing, and a chat page on them.",
    "",
    "  parlor [flags]",
    ...COMMANDS.map(({ usage, summary }) => `  parlor ${usage}\n${wrapped(summary, INDENT)}`),
    "",
    "Each flag can also be set by the variable named beside it; the flag wins.",
    "",
    ...flags,
    "  --help",
    "  --version",
    "",
    "SIGTERM or SIGINT: everything accepted is stored and answered, then it ends with exit code 0.",
    "Exit code 2: it could not start as asked. 70: the disk failed, and nothing more can be promised.",
    "",
  ].join("\n");
}
