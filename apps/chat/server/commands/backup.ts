import { existsSync } from "node:fs";
import { CodedError } from "@parlor/base";
import { backupLog } from "@parlor/log";
import { copyFiles, hasFiles } from "@parlor/server";
import { filesFolder } from "../kept-files.ts";
import { type Command, DATA_FLAG } from "./command.ts";
import { copyWords } from "./copy-words.ts";

export const backup: Command = {
  name: "backup",
  usage: "backup FILE [--data FOLDER]",
  summary: "copies everything to a new file, and uploaded files beside it, while the server runs",
  help: [
    "The copy is of one moment. It is checked and synced before it has its name, so a FILE that is there is whole.",
    "Files that people uploaded go into a folder beside it, FILE.files, where there are any, and are whole before FILE",
    "has its name; keep the two together. Stopped, it leaves neither.",
  ],
  argumentCount: [1, 1],
  flags: [DATA_FLAG],
  tidiesUp: true,
  async run({ positionals: [file = ""], data }, world) {
    const beside = `${file}.files`;
    if (existsSync(beside))
      throw new CodedError("exists", `${beside} is there already; it was left as it is`);
    const files = filesFolder(data);
    // Behind the log's copy, so that whatever its messages hold is there, and before it has its name, so that no backup
    // without its files looks whole.
    const copyThem = async (): Promise<void> => {
      if (!hasFiles(files)) return;
      await copyFiles(files, beside, (done, total) => world.progress(`copied ${done} of ${total} files`));
    };
    await backupLog(data, file, (done, total) => world.progress(copyWords("copied", done, total)), copyThem);
    await world.say(`Backed up ${data} to ${file}.`);
  },
};
