import type { Flood } from "../../flood.ts";
import { CAPS } from "../../memory.ts";
import { clientFrame } from "../flood-socket.ts";

const CONNECTIONS = 10;
const PER_SECOND = 2_000;

const FRAMES = [
  { type: "signal", room: "lobby", body: { x: 1, y: 2 } },
  { type: "set", room: "lobby", key: "AAPL", value: 7 },
  { type: "request", id: 1, method: "rename" },
].map((frame) => clientFrame(JSON.stringify(frame)));

/** Signals, state and requests, which this server does not offer and says so to each. */
export const signals: Flood = {
  name: "signals",
  about: `${CONNECTIONS} connections, ${PER_SECOND} signals, sets and requests/s`,
  memoryBytes: CONNECTIONS * (CAPS.connection + CAPS.unsent),
  words: ["unknown-frame"],
  attack: async (attack) => {
    const sockets = await attack.openWebSockets(CONNECTIONS);
    await attack.pace(PER_SECOND, (count) => {
      sockets[count % CONNECTIONS]?.write(FRAMES[count % FRAMES.length] as Buffer);
      attack.tellings.sent("signals, sets, requests");
    });
  },
};
