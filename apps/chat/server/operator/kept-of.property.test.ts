import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog } from "@parlor/log";
import { roomNameFault } from "@parlor/protocol";
import fc from "fast-check";
import { keptOf } from "./operator-rooms.ts";

const CHARACTERS = ["a", "b", "~", "!", "é", "\ud7ff", "\ue000", "😀", "\u{10fffd}"];
const roomName = fc
  .array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 4 })
  .map((characters) => characters.join(""))
  .filter((name) => roomNameFault(name) === null);

let producers = 0;

function say(log: MemoryLog, room: string): Promise<unknown> {
  const about = { room, from: "ada", producer: `producer${(producers += 1)}`, seq: 1, afterSeq: 0 };
  return log.append({ ...about, bodyJson: "1", remember: true, admit: "any" });
}

describe("a room's figures", () => {
  test("[OPERATOR-8] are its own, whatever names there are beside it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(roomName, { minLength: 1, maxLength: 30 }),
        roomName,
        async (names, other) => {
          const log = new MemoryLog();
          for (const [n, room] of names.entries()) {
            for (let i = 0; i <= n % 3; i++) await say(log, room);
          }
          for (const [n, room] of names.entries())
            assert.equal((await keptOf(log, room))?.messages, 1 + (n % 3), room);
          if (!names.includes(other)) assert.equal(await keptOf(log, other), null);
          await log.close();
        },
      ),
      { numRuns: 100 },
    );
  });
});
