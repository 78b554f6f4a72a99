import { randomId } from "@parlor/base";
import { FULL_MESSAGES, FULL_ROOM } from "./flood.ts";
import type { FloodedServer } from "./flooded-server.ts";

/** As many as one identity may say at once. */
const PER_IDENTITY = 100;

/** Fills the room that floods read, as five people in a hurry would. */
export async function fillRoom({ url }: FloodedServer, characters: number): Promise<void> {
  const body = JSON.stringify("m".repeat(characters));
  for (let begun = 0; begun < FULL_MESSAGES; begun += PER_IDENTITY) {
    const authorization = `Bearer ${randomId(32)}`;
    const say = async (): Promise<void> => {
      const headers = { "content-type": "application/json", authorization };
      const answer = await fetch(`${url}rooms/${FULL_ROOM}/messages`, { method: "POST", headers, body });
      if (answer.status !== 201) throw new Error(`the room could not be filled: ${await answer.text()}`);
      await answer.body?.cancel();
    };
    for (let i = 0; i < PER_IDENTITY; i += 10) await Promise.all(Array.from({ length: 10 }, say));
  }
}
