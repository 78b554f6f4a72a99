import { backupLog } from "@parlor/log";
import { type Command, DATA_FLAG } from "./command.ts";
import { copyWords } from "./copy-words.ts";

export const backup: Command = {
  name: "backup",
  usage: "backup FILE [--data FOLDER]",
  summary: "copies everything to one new file, while the server runs",
  help: [
    "The copy is of one moment. It is checked and synced before it has its name, so a FILE that is there is whole.",
    "It holds messages, not the files that people uploaded.",
  ],
  argumentCount: [1, 1],
  flags: [DATA_FLAG],
  async run({ positionals: [file = ""], data }, world) {
    await backupLog(data, file, (done, total) => world.progress(copyWords("copied", done, total)));
    await world.say(`Backed up ${data} to ${file}.`);
  },
};
