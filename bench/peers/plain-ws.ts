import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { Peer } from "./peer.ts";

/** The broadcast of `ws`'s own documentation: each text goes to each client by itself. */
export async function startPlainWs(): Promise<Peer> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (client) => {
    client.on("error", () => client.terminate());
    client.on("message", (data) => {
      for (const other of server.clients) {
        if (other.readyState === WebSocket.OPEN) other.send(data, { binary: false });
      }
    });
  });
  return listening(server);
}

/** Fulfils when a server of `ws` has its port. */
export async function listening(server: WebSocketServer): Promise<Peer> {
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const client of server.clients) client.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
