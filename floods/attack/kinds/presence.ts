import { randomId } from "@parlor/base";
import type { Flood } from "../../flood.ts";
import { CAPS } from "../../memory.ts";
import { clientFrame } from "../flood-socket.ts";

/** As many as one address may have connected but for some, and as a room still lists with such profiles. */
const CONNECTIONS = 180;
const PER_SECOND = 2_000;
/** Near the most that a profile may have. */
const PROFILE = { name: "n".repeat(900) };
/** A list of who is there, where all are told with their profiles: 256 Ki characters at most. */
const LIST_BYTES = 524_288;

const room = "crowd";
const COME = clientFrame(JSON.stringify({ type: "subscribe", room, last: 0, presence: true }));
const GO = clientFrame(JSON.stringify({ type: "unsubscribe", room }));

/** Everybody is somebody else with a large profile, and comes and goes: each coming is answered with the whole list. */
export const presence: Flood = {
  name: "presence",
  about: `${CONNECTIONS} identities with large profiles come to a room and leave it, ${PER_SECOND} times/s`,
  memoryBytes: CONNECTIONS * (CAPS.connection + CAPS.unsent) + 2 * LIST_BYTES,
  words: [],
  attack: async (attack) => {
    const sockets = await attack.openWebSockets(CONNECTIONS, { saysHello: false });
    for (const socket of sockets) {
      const hello = {
        type: "hello",
        version: 1,
        key: randomId(32),
        producer: randomId(16),
        profile: PROFILE,
      };
      socket.write(clientFrame(JSON.stringify(hello)));
    }
    await attack.pace(PER_SECOND, (count) => {
      const isComing = Math.floor(count / CONNECTIONS) % 2 === 0;
      sockets[count % CONNECTIONS]?.write(isComing ? COME : GO);
      attack.tellings.sent("comings and goings");
    });
  },
};
