import { existsSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "@parlor/base";
import { restoreLog } from "@parlor/log";
import { copyFiles, hasFiles } from "@parlor/server";
import { filesFolder } from "../kept-files.ts";
import { type Command, DATA_FLAG } from "./command.ts";
import { copyWords } from "./copy-words.ts";

export const restore: Command = {
  name: "restore",
  usage: "restore FILE [--data FOLDER]",
  summary: "puts a backup into a folder that has no log",
  help: [
    "The restored log begins a new epoch: pages that were there before are told that the history is another one",
    "and read it anew, so that nobody skips what was said after the backup without knowing it. Uploaded files come",
    "from FILE.files, where that is there, and are in the folder before the log is. Stopped, it leaves neither.",
  ],
  argumentCount: [1, 1],
  flags: [DATA_FLAG],
  tidiesUp: true,
  async run({ positionals: [file = ""], data }, world) {
    const [beside, files] = [`${file}.files`, filesFolder(data)];
    // A log that is there, or in use, is what is told first.
    if (hasFiles(beside) && existsSync(files) && !existsSync(join(data, "parlor.db")))
      throw new CodedError("exists", `${files} is there already; it was left as it is`);
    // Before the log has its name: a server that finds the log would serve messages whose files are lost.
    const copyThem = async (): Promise<void> => {
      if (!hasFiles(beside)) return;
      await copyFiles(beside, files, (done, total) => world.progress(`restored ${done} of ${total} files`));
    };
    const told = (done: number, total: number): void => world.progress(copyWords("restored", done, total));
    const epoch = await restoreLog(file, data, told, copyThem);
    await world.say(`Restored ${file} into ${data}, as epoch ${epoch}.`);
  },
};
