import type { Flood } from "../../flood.ts";
import { CAPS } from "../../memory.ts";
import type { Attack } from "../attack.ts";
import { clientFrame, type FloodSocket } from "../flood-socket.ts";

const CONNECTIONS = 5;
const PER_SECOND = 1_000;
const LARGE_EVERY = 10;
const LARGE_BODY = "x".repeat(60_000);

/** Publishes far above every rate, some as large as they may be, whatever is answered. */
export const publishes: Flood = {
  name: "publishes",
  about: `${CONNECTIONS} connections, ${PER_SECOND} publishes/s, each tenth of 60 kB`,
  memoryBytes: CONNECTIONS * (CAPS.connection + CAPS.unanswered + CAPS.unsent),
  words: ["rate-limited", "close 4003"],
  fullSeconds: 9,
  attack: async (attack) => {
    const sockets = await attack.openWebSockets(CONNECTIONS);
    await attack.pace(PER_SECOND, (count) => {
      const index = count % CONNECTIONS;
      if (sockets[index]?.isClosed !== false) void reopen(attack, sockets, index);
      const body = count % LARGE_EVERY === 0 ? LARGE_BODY : `text ${count}`;
      const frame = { type: "publish", room: "flooded", seq: count + 1, afterSeq: 0, body };
      sockets[index]?.write(clientFrame(JSON.stringify(frame)));
      attack.tellings.sent("publishes");
    });
  },
};

async function reopen(attack: Attack, sockets: FloodSocket[], index: number): Promise<void> {
  const [socket] = await attack.openWebSockets(1);
  if (socket !== undefined) sockets[index] = socket;
}
