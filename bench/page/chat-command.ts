import { join } from "node:path";
import { systemRandom } from "@parlor/base";
import { ProcessKiller } from "@parlor/testkit";

const COMMAND = join(import.meta.dirname, "../../apps/chat/server/parlor.mjs");

/** The real command, as people start it, on a folder that may be filled while it does not run. */
export function chatCommand(folder: string): ProcessKiller {
  return new ProcessKiller({
    command: (port) => [
      process.execPath,
      COMMAND,
      ...["--port", String(port), "--data", folder, "--publish-per-second", "Infinity"],
    ],
    ready: / serves http:\S+:(\d+)/,
    random: systemRandom,
  });
}
