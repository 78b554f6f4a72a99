import { FULL_ROOM, type Flood } from "../../flood.ts";
import { CAPS } from "../../memory.ts";
import { clientFrame } from "../flood-socket.ts";

const CONNECTIONS = 5;
/** Of these 4 are read at once, 32 wait, and the rest is refused. */
const ASKS_AT_ONCE = 60;
/** Of all connections together. */
const BURSTS_PER_SECOND = 2;

const ASKS = Buffer.concat(
  Array.from({ length: ASKS_AT_ONCE }, (_, i) =>
    clientFrame(JSON.stringify({ type: "history", id: i + 1, room: FULL_ROOM, limit: 500, related: true })),
  ),
);

/** Pages of history as large as they may be, many at once. */
export const history: Flood = {
  name: "history",
  about: `${CONNECTIONS} connections, ${BURSTS_PER_SECOND} bursts/s of ${ASKS_AT_ONCE} pages of 256 KiB`,
  memoryBytes: CONNECTIONS * (CAPS.connection + CAPS.unsent + CAPS.pages),
  words: ["rate-limited"],
  fill: 500,
  attack: async (attack) => {
    const sockets = await attack.openWebSockets(CONNECTIONS);
    await attack.pace(BURSTS_PER_SECOND, (count) => {
      sockets[count % CONNECTIONS]?.write(ASKS);
      attack.tellings.sent("pages asked for", ASKS_AT_ONCE);
    });
  },
};
