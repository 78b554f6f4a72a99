import { once } from "node:events";
import { readFileSync } from "node:fs";
import { systemClock } from "@parlor/base";
import { commandOf, runCommand } from "./commands/run-command.ts";
import { Stopping } from "./commands/stopping.ts";
import { FLAGS } from "./flag-table.ts";
import { helpText } from "./flag-help.ts";
import type { Settings } from "./flag-table.ts";
import { readCommandLine } from "./flags.ts";
import { endWhenAsked, realProcess } from "./lifecycle.ts";
import { serve } from "./serve.ts";
import { StartFault } from "./start-fault.ts";
import { supervise } from "./workers/supervise.ts";

/** The `parlor` command. parlor.mjs starts it where Node may be too old to read this file. */

const EXIT_NOT_AS_ASKED = 2;

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const { version } = manifest as { readonly version: string };
  return version;
}

/** Where a server with this environment is. */
function ownUrl(): string {
  const port = process.env[FLAGS.port.environment] || FLAGS.port.standard;
  const path = process.env[FLAGS.basePath.environment] || FLAGS.basePath.standard;
  return `http://127.0.0.1:${port}${path}`;
}

async function start(settings: Settings, version: string): Promise<void> {
  try {
    const served = await serve(settings, version);
    endWhenAsked(served, realProcess);
    realProcess.say(`Parlor ${version} serves ${served.url}`);
    realProcess.say(served.keptWhere);
  } catch (error) {
    if (!(error instanceof StartFault)) throw error;
    realProcess.complain(`parlor: ${error.message}`);
    process.exitCode = EXIT_NOT_AS_ASKED;
  }
}

async function main(): Promise<void> {
  // Whoever read the first line and left (`parlor | head -1`) does not end a server.
  process.stdout.on("error", () => undefined);
  const args = process.argv.slice(2);
  const command = commandOf(args);
  if (command !== undefined) {
    const stopping = new Stopping(systemClock, (code) => process.exit(code));
    if (command.tidiesUp === true) realProcess.onSignal((signal) => stopping.ask(signal));
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      // Whoever has read enough of a long answer ends the command; a full disk under a file that it goes to is a fault.
      if (error.code === "EPIPE") process.exit();
      realProcess.complain(`parlor ${command.name}: what it prints can't be written: ${error.message}.`);
      process.exit(EXIT_NOT_AS_ASKED);
    });
    let hasProgress = false;
    const clearProgress = (): void => {
      if (hasProgress) process.stderr.write("\r\u001b[K");
      hasProgress = false;
    };
    const code = await runCommand(command, args.slice(1), {
      say: async (text) => {
        clearProgress();
        if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
      },
      complain: (text) => {
        clearProgress();
        process.stderr.write(`${text}\n`);
      },
      // Where nobody looks, as in a nightly job's log, progress is no news.
      progress: (text) => {
        stopping.check();
        if (!process.stderr.isTTY) return;
        hasProgress = true;
        process.stderr.write(`\r${text}\u001b[K`);
      },
      note: (text) => {
        clearProgress();
        process.stderr.write(`${text}\n`);
      },
      input: () => process.stdin,
      data: process.env[FLAGS.data.environment] || FLAGS.data.standard,
      log: process.env[FLAGS.log.environment] || undefined,
      url: ownUrl(),
    });
    process.exitCode = code === 0 ? code : (stopping.exitCode ?? code);
    return;
  }
  const line = readCommandLine(args, process.env);
  switch (line.kind) {
    case "help":
      process.stdout.write(helpText());
      return;
    case "version":
      process.stdout.write(`parlor ${packageVersion()}\n`);
      return;
    case "fault":
      realProcess.complain(`parlor: ${line.message}`);
      process.exitCode = EXIT_NOT_AS_ASKED;
      return;
    case "serve":
      if (line.settings.workers > 1) await supervise(line.settings, packageVersion(), realProcess);
      else await start(line.settings, packageVersion());
      return;
  }
}

await main();
