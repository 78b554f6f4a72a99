import type { Flood } from "../../flood.ts";
import { CAPS } from "../../memory.ts";
import { clientFrame } from "../flood-socket.ts";

const CONNECTIONS = 10;
const PER_SECOND = 3_000;

const SUBSCRIBE = clientFrame(JSON.stringify({ type: "subscribe", room: "lobby", signals: true }));
const SIGNAL = clientFrame(JSON.stringify({ type: "signal", room: "lobby", body: { x: 1, y: 2 } }));
const OTHERS = [
  { type: "set", room: "lobby", key: "AAPL", value: 7 },
  { type: "request", id: 1, method: "rename" },
].map((frame) => clientFrame(JSON.stringify(frame)));

/** One in so many frames is none of a signal. */
const OTHER_IN = 5;

/** Signals above the rate, heard by all who send them, and among them changes of state and requests. */
export const signals: Flood = {
  name: "signals",
  about: `${CONNECTIONS} connections that hear each other, ${PER_SECOND} signals, sets and requests/s`,
  memoryBytes: CONNECTIONS * (CAPS.connection + CAPS.unsent),
  words: ["rate-limited", "unknown-method"],
  attack: async (attack) => {
    const sockets = await attack.openWebSockets(CONNECTIONS);
    for (const socket of sockets) socket.write(SUBSCRIBE);
    await attack.pace(PER_SECOND, (count) => {
      // Each connection says each kind: the turn moves on behind a whole round.
      const turn = count + Math.floor(count / CONNECTIONS);
      const frame = turn % OTHER_IN === 0 ? OTHERS[count % OTHERS.length] : SIGNAL;
      sockets[count % CONNECTIONS]?.write(frame as Buffer);
      attack.tellings.sent("signals, sets, requests");
    });
  },
};
