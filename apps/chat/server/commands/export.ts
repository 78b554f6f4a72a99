import { LogView } from "@parlor/log";
import { type Command, DATA_FLAG } from "./command.ts";
import { checkRoom } from "./command-arguments.ts";
import { printable } from "./printable.ts";

const BOUNDS = { maxMessages: 500, maxBytes: 1_048_576 };

export const exportRoom: Command = {
  name: "export",
  usage: "export ROOM [--data FOLDER]",
  summary: "prints a room as lines of JSON, while the server runs",
  help: [
    "Oldest first, each as the protocol shows it: offset, from, producer, seq, at, re, body. One whose body was",
    'erased has "body":null and "redacted":true. A room that nobody wrote to has no line.',
  ],
  argumentCount: [1, 1],
  flags: [DATA_FLAG],
  async run({ positionals: [room = ""], data }, world) {
    checkRoom(room);
    using view = new LogView(data);
    for (let after = 0; ; ) {
      const { messages, head, more } = view.read(room, after, BOUNDS);
      for (const { bodyJson, ...message } of messages) {
        const line = JSON.stringify(message).slice(0, -1);
        await world.say(
          printable(
            bodyJson === null ? `${line},"body":null,"redacted":true}` : `${line},"body":${bodyJson}}`,
          ),
        );
      }
      after = messages.at(-1)?.offset ?? head;
      if (!more) return;
      world.progress(`exported ${after} of ${head}`);
    }
  },
};
