import type { TestContext } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import { readAnswer, upgradeHead } from "./raw-http.ts";

/**
 * So many ask for a WebSocket in one turn of the server's event loop. Each has been answered something before:
 * of sockets that are only just open one is accepted in a turn.
 */
export async function burstOfUpgrades(t: TestContext, port: number, count: number): Promise<RawSocketPeer[]> {
  const peers = await Promise.all(Array.from({ length: count }, () => RawSocketPeer.connect({ port })));
  t.after(() => peers.forEach((peer) => peer.destroy()));
  for (const peer of peers) peer.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  for (const peer of peers) await readAnswer(peer);
  for (const peer of peers) peer.write(upgradeHead());
  return peers;
}
