import type { Dialect } from "./dialect.ts";
import { readMessages } from "./parlor-plain.ts";

/** A server of `ws` that sends each text on to everybody. */
export const PLAIN_WS: Dialect = {
  path: "/",
  subprotocol: null,
  framesToJoin: 0,
  join: () => [],
  publish: (text) => text,
  reader: () => (frame) => [frame],
};

/** A server of `ws` that gathers texts and sends several in one frame. */
export const BATCHED_WS: Dialect = { ...PLAIN_WS, reader: () => readMessages };

/** Socket.IO over a WebSocket from the start: `0` opens, `40` joins, `42` is an event. */
export const SOCKET_IO: Dialect = {
  path: "/socket.io/?EIO=4&transport=websocket",
  subprotocol: null,
  framesToJoin: 2,
  join: () => ["40"],
  publish: (text) => `42${JSON.stringify(["message", text])}`,
  reader: () => (frame) =>
    frame.startsWith("42") ? (JSON.parse(frame.slice(2)) as readonly string[]).slice(1) : [],
};
