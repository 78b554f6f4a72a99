import { join } from "node:path";
import { systemClock, CodedError } from "@parlor/base";
import { askForRebuild } from "@parlor/server/projections";
import { READERS_FOLDER } from "../readers-folder.ts";
import { type Command, DATA_FLAG } from "./command.ts";

export const rebuild: Command = {
  name: "rebuild",
  usage: "rebuild READER [--data FOLDER]",
  summary: "has a named reader make its file anew from the log, such as search",
  help: [
    "A server that runs hears it within a second or two, one that does not at its next start. Until the reader has read",
    "the log again its answers are those of what it has read so far; parlor_reader_lag_messages says how much is left.",
  ],
  argumentCount: [1, 1],
  flags: [DATA_FLAG],
  async run({ positionals: [reader = ""], data }, world) {
    const path = join(data, READERS_FOLDER, `${reader}.db`);
    if (!/^[a-z0-9-]+$/.test(reader) || !askForRebuild(path, systemClock.now())) {
      throw new CodedError("no-reader", `there is no reader ${JSON.stringify(reader)} in ${data}`);
    }
    await world.say(`The reader ${reader} makes its file anew.`);
  },
};
