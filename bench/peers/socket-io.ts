import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import type { Peer } from "./peer.ts";

/** The broadcast and the acknowledgement of Socket.IO's own documentation, over WebSockets from the start. */
export async function startSocketIo(): Promise<Peer> {
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"] });
  io.on("connection", (socket) => {
    socket.on("message", (text: string) => io.emit("message", text));
    socket.on("echo", (params: unknown, answer: (params: unknown) => void) => answer(params));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    port: (http.address() as AddressInfo).port,
    close: () => io.close(),
  };
}
