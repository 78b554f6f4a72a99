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
    "from FILE.files, where that is there.",
  ],
  argumentCount: [1, 1],
  flags: [DATA_FLAG],
  async run({ positionals: [file = ""], data }, world) {
    const [beside, files] = [`${file}.files`, filesFolder(data)];
    // A log that is there, or in use, is what is told first.
    if (hasFiles(beside) && existsSync(files) && !existsSync(join(data, "parlor.db")))
      throw new CodedError("exists", `${files} is there already; it was left as it is`);
    const epoch = await restoreLog(file, data, (done, total) =>
      world.progress(copyWords("restored", done, total)),
    );
    if (hasFiles(beside)) {
      await copyFiles(beside, files, (done, total) => world.progress(`restored ${done} of ${total} files`));
    }
    await world.say(`Restored ${file} into ${data}, as epoch ${epoch}.`);
  },
};
