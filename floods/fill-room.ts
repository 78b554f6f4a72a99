import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { randomId } from "@parlor/base";
import { FULL_MESSAGES, FULL_ROOM } from "./flood.ts";
import type { FloodedServer } from "./flooded-server.ts";

/** As many as one identity may say at once. */
const PER_IDENTITY = 100;

/** Neither the pairs' address nor the flooder's: what it may publish at once is used up behind this. */
const FILLER = "127.0.0.3";

/** Fills the room that floods read, as five people in a hurry would. */
export async function fillRoom({ port }: FloodedServer, characters: number): Promise<void> {
  const body = JSON.stringify("m".repeat(characters));
  for (let begun = 0; begun < FULL_MESSAGES; begun += PER_IDENTITY) {
    const headers = { "content-type": "application/json", authorization: `Bearer ${randomId(32)}` };
    const say = async (): Promise<void> => {
      const path = `/rooms/${FULL_ROOM}/messages`;
      const asked = request({ port, host: "127.0.0.1", localAddress: FILLER, path, method: "POST", headers });
      asked.end(body);
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      const words = await text(answer);
      if (answer.statusCode !== 201) throw new Error(`the room could not be filled: ${words}`);
    };
    for (let i = 0; i < PER_IDENTITY; i += 10) await Promise.all(Array.from({ length: 10 }, say));
  }
}
