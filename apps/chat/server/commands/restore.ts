import { restoreLog } from "@parlor/log";
import { type Command, DATA_FLAG } from "./command.ts";
import { copyWords } from "./copy-words.ts";

export const restore: Command = {
  name: "restore",
  usage: "restore FILE [--data FOLDER]",
  summary: "puts a backup into a folder that has no log",
  help: [
    "The restored log begins a new epoch: pages that were there before are told that the history is another one",
    "and read it anew, so that nobody skips what was said after the backup without knowing it.",
  ],
  argumentCount: [1, 1],
  flags: [DATA_FLAG],
  async run({ positionals: [file = ""], data }, world) {
    const epoch = await restoreLog(file, data, (done, total) =>
      world.progress(copyWords("restored", done, total)),
    );
    await world.say(`Restored ${file} into ${data}, as epoch ${epoch}.`);
  },
};
