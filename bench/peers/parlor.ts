import { SqliteLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import type { Peer, PeerOptions } from "./peer.ts";

/** Parlor as `npm start` runs it, save for the limits that keep one stranger from doing what a benchmark does. */
export async function startParlor({ folder, coalesceMs }: PeerOptions): Promise<Peer> {
  const log = await SqliteLog.open({ folder });
  const parlor = new Parlor({
    log,
    publishPerSecond: Infinity,
    connectionsPerAddress: Infinity,
    coalesceMs,
    requests: { echo: ({ params }) => params },
  });
  // Who joins the plain room is shown this one, and so knows that it has joined.
  await parlor.room("bench").publish("the room is open");
  const { port } = await parlor.listen({ port: 0 });
  return {
    port,
    async close() {
      await parlor.close();
      await log.close();
    },
  };
}
