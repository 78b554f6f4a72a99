import { rmSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "@parlor/base";
import { type DeleteProgress, deleteRoom, LogView, SqliteLog } from "@parlor/log";
import { forgetRoom } from "@parlor/moderation";
import { Files, hasFiles } from "@parlor/server";
import { filesFolder } from "../kept-files.ts";
import type { Deletion } from "../operator-socket.ts";
import { READERS_FOLDER } from "../readers-folder.ts";
import { askServerToDelete } from "./ask-server.ts";
import { type Command, type CommandWorld, DATA_FLAG } from "./command.ts";
import { checkRoom } from "./command-arguments.ts";
import { printable } from "./printable.ts";

export const deleteCommand: Command = {
  name: "delete",
  usage: "delete ROOM --yes [--data FOLDER]",
  summary: "deletes a room for good, by way of the server where one runs on the folder",
  help: [
    "Its messages, its files and who wrote them are gone from the log's files when it ends, which takes about as long as copying",
    "parlor.db, and as much room on the disk meanwhile. Backups that were made before still hold them. Pages that",
    "were in the room are told that its history is another one. Without --yes it says what it would delete.",
    "A server that runs on the folder does it itself, and publishes wait meanwhile; only the user that it runs as may ask.",
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
    const deletion = await deleteSomehow(data, room, world);
    if (deletion === "no-room") throw new CodedError("no-room", `nothing is stored in a room named ${name}`);
    const finished = `Nothing is stored in a room named ${name}; what was left of others in ${data} is gone now.`;
    await world.say(deletion === "finished" ? finished : `Deleted ${name} from ${data}.`);
  },
};

/** Who has the folder does it: nobody, so this process may, or else a server. */
async function deleteSomehow(data: string, room: string, world: CommandWorld): Promise<Deletion> {
  let outcome: Deletion;
  try {
    const tell: DeleteProgress = (step, share) =>
      world.progress(step === "removing" ? `removed ${Math.floor(share * 100)} %` : "writing the file anew");
    // What servers read for themselves, such as for search, holds texts, too, and comes anew from the log.
    outcome = deleteRoom(data, room, tell, () =>
      rmSync(join(data, READERS_FOLDER), { recursive: true, force: true }),
    );
  } catch (error) {
    if (!(error instanceof CodedError && error.code === "log-in-use")) throw error;
    world.progress("the server deletes it, and writes the file anew");
    return askServerToDelete(data, room);
  }
  if (outcome === "deleted") await forgetActs(data, room);
  const folder = filesFolder(data);
  if (!hasFiles(folder)) return outcome;
  const files = await Files.open({ folder, collects: false });
  try {
    await files.deleteRoom(room);
  } finally {
    await files.close();
  }
  return outcome;
}

/** Whoever makes a room of that name again is its owner, and not who owned this one. */
async function forgetActs(data: string, room: string): Promise<void> {
  const log = await SqliteLog.open({ folder: data });
  try {
    await forgetRoom(log, room);
    await log.purge();
  } finally {
    await log.close();
  }
}

function wouldDelete(data: string, room: string, name: string): string {
  using view = new LogView(data);
  const { earliest, head } = view.read(room, 0, { maxMessages: 1, maxBytes: 1 });
  const count = head + 1 - earliest;
  if (head === 0) return `nothing is stored in a room named ${name}`;
  return `${count} ${count === 1 ? "message" : "messages"} in ${name} would be deleted for good; --yes does it`;
}
