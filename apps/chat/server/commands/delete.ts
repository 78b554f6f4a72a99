import { CodedError } from "@parlor/base";
import { deleteRoom, LogView } from "@parlor/log";
import { Files, hasFiles } from "@parlor/server";
import { filesFolder } from "../kept-files.ts";
import { type Command, DATA_FLAG } from "./command.ts";
import { checkRoom } from "./command-arguments.ts";
import { printable } from "./printable.ts";

export const deleteCommand: Command = {
  name: "delete",
  usage: "delete ROOM --yes [--data FOLDER]",
  summary: "deletes a room for good, while no server runs on the folder",
  help: [
    "Its messages, its files and who wrote them are gone from the log's files when it ends, which takes about as long as copying",
    "parlor.db, and as much room on the disk meanwhile. Backups that were made before still hold them. Pages that",
    "were in the room are told that its history is another one. Without --yes it says what it would delete.",
  ],
  argumentCount: [1, 1],
  flags: [{ name: "yes", placeholder: null, help: "do it; nothing brings it back but a backup" }, DATA_FLAG],
  async run(given, world) {
    const {
      positionals: [room = ""],
      data,
    } = given;
    checkRoom(room);
    const name = printable(JSON.stringify(room));
    if (!given.has("yes")) throw new CodedError("not-confirmed", wouldDelete(data, room, name));
    deleteRoom(data, room, (step, share) =>
      world.progress(step === "removing" ? `removed ${Math.floor(share * 100)} %` : "writing the file anew"),
    );
    const folder = filesFolder(data);
    if (hasFiles(folder)) {
      const files = await Files.open({ folder, collects: false });
      try {
        await files.deleteRoom(room);
      } finally {
        await files.close();
      }
    }
    await world.say(`Deleted ${name} from ${data}.`);
  },
};

function wouldDelete(data: string, room: string, name: string): string {
  using view = new LogView(data);
  const { earliest, head } = view.read(room, 0, { maxMessages: 1, maxBytes: 1 });
  const count = head + 1 - earliest;
  if (head === 0) return `nothing is stored in a room named ${name}`;
  return `${count} ${count === 1 ? "message" : "messages"} in ${name} would be deleted for good; --yes does it`;
}
