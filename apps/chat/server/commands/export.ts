import { CodedError } from "@parlor/base";
import { LogView } from "@parlor/log";
import { roomNameFault } from "@parlor/protocol";
import type { Command } from "./command.ts";

const BOUNDS = { maxMessages: 500, maxBytes: 1_048_576 };

export const exportRoom: Command = {
  name: "export",
  usage: "export ROOM [--data FOLDER]",
  summary: "prints a room as lines of JSON, while the server runs",
  help: [
    "Oldest first, each as the protocol shows it: offset, from, producer, seq, at, re, body. One whose body was",
    'erased has "body":null and "redacted":true. A room that nobody wrote to has no line.',
  ],
  argumentCount: 1,
  async run({ positionals: [room = ""], data }, world) {
    const fault = roomNameFault(room);
    if (fault !== null) throw new CodedError("bad-room", `no room can have this name: ${fault}`);
    using view = new LogView(data);
    for (let after = 0; ; ) {
      const { messages, head, more } = view.read(room, after, BOUNDS);
      for (const { bodyJson, ...message } of messages) {
        const line = JSON.stringify(message).slice(0, -1);
        await world.say(
          bodyJson === null ? `${line},"body":null,"redacted":true}` : `${line},"body":${bodyJson}}`,
        );
      }
      after = messages.at(-1)?.offset ?? head;
      if (!more) return;
      world.progress(`exported ${after} of ${head}`);
    }
  },
};
