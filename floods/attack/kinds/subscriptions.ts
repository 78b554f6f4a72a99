import type { Flood } from "../../flood.ts";
import { CAPS, PER_ADDRESS } from "../../memory.ts";
import { clientFrame } from "../flood-socket.ts";

const PER_SECOND = 4_000;
const MAX_ROOMS = 200;
const TRIED_ROOMS = 230;

/** One address subscribes to as many rooms as its connections may, each to rooms of its own. */
export const subscriptions: Flood = {
  name: "subscriptions",
  about: `${PER_ADDRESS} connections, ${PER_SECOND} subscribes/s to rooms of their own`,
  memoryBytes: PER_ADDRESS * (CAPS.connection + MAX_ROOMS * CAPS.room),
  words: ["too-many-rooms"],
  attack: async (attack) => {
    const sockets = await attack.openWebSockets(PER_ADDRESS);
    await attack.pace(PER_SECOND, (count) => {
      // One connection after the other comes to its limit, and then past it.
      const socket = sockets[Math.floor(count / TRIED_ROOMS) % sockets.length];
      socket?.write(clientFrame(JSON.stringify({ type: "subscribe", room: `room ${count}`, last: 50 })));
      attack.tellings.sent("subscribes");
    });
  },
};
