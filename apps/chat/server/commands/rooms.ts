import { isSideRoom, LogView } from "@parlor/log";
import { type Command, DATA_FLAG } from "./command.ts";
import { printable } from "./printable.ts";

const ROOMS_AT_ONCE = 500;

export const rooms: Command = {
  name: "rooms",
  usage: "rooms [--data FOLDER]",
  summary: "lists every room, while the server runs",
  help: [
    "A line a room, by name, with tabs between: messages kept, head, bytes of their bodies, when the newest was",
    "written, and the name as JSON, so that no name can be taken for anything else.",
  ],
  argumentCount: [0, 0],
  flags: [DATA_FLAG],
  async run({ data }, world) {
    using view = new LogView(data);
    let count = 0;
    for (let afterName = ""; ; ) {
      const page = view.rooms(afterName, ROOMS_AT_ONCE);
      for (const { room, messages, head, bytes, lastAt } of page) {
        // What the server keeps beside a room is no room that anybody could ask for.
        if (isSideRoom(room)) continue;
        count += 1;
        await world.say(
          [messages, head, bytes, new Date(lastAt).toISOString(), printable(JSON.stringify(room))].join("\t"),
        );
      }
      const last = page.at(-1);
      if (last === undefined || page.length < ROOMS_AT_ONCE) return;
      afterName = last.room;
      world.progress(`${count} rooms`);
    }
  },
};
