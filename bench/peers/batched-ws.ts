import { WebSocket, WebSocketServer } from "ws";
import type { Peer } from "./peer.ts";
import { listening } from "./plain-ws.ts";

/**
 * What an experienced hand writes over `ws` in twenty lines: no log, no order across a restart, no resume.
 * Texts gather for `gatherMs` from the first one.
 */
export async function startBatchedWs(gatherMs: number): Promise<Peer> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  let gathered: string[] = [];
  const flush = (): void => {
    const frame = Buffer.from(JSON.stringify({ messages: gathered }));
    gathered = [];
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(frame, { binary: false });
    }
  };
  server.on("connection", (client) => {
    client.on("error", () => client.terminate());
    client.on("message", (data) => {
      if (gathered.length === 0) setTimeout(flush, gatherMs);
      gathered.push(String(data as Buffer));
    });
  });
  return listening(server);
}
