import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { Market } from "@parlor/stock-ticker/market";
import { isTicker, mayInTicker, startTicker } from "@parlor/stock-ticker/server";
import { WebSocket, WebSocketServer } from "ws";
import { cpuMsOf } from "../processes/cpu-time.ts";
import { serve } from "../processes/serve.ts";

/**
 * Ways to tell a thousand readers of 5,000 changes a second.
 *
 *     state      the example's server: the newest of each key
 *     messages   Parlor, each change a message that every reader gets
 *     frames     `ws` alone, each change a frame to each reader, as its documentation shows it
 */
export type Way = "state" | "messages" | "frames";

export type TickerServerCalls = {
  start(way: Way): Promise<number>;
  cpuMs(): number;
  /** Changes that were made so far, where they are counted here. */
  made(): number;
};

const CHANGES_PER_SECOND = 5_000;
const TICK_MS = 20;
let made = 0;

/** Makes as many changes as the example does; where the process is late what was due is made up for, up to 100 ms. */
function change(tell: (change: readonly [string, number, number, number]) => void): void {
  const market = new Market(1);
  let lastMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    const due = Math.min(500, Math.round(((nowMs - lastMs) * CHANGES_PER_SECOND) / 1_000));
    lastMs = nowMs;
    for (let count = 0; count < due; count += 1) {
      const { symbol, cents, changes } = market.next();
      tell([symbol, cents, Date.now(), changes]);
    }
    made += due;
  }, TICK_MS);
}

async function startFrames(): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(server, "listening");
  change((price) => {
    const text = JSON.stringify(price);
    for (const client of server.clients) if (client.readyState === WebSocket.OPEN) client.send(text);
  });
  return (server.address() as AddressInfo).port;
}

serve({
  async start(way: Way) {
    if (way === "frames") return await startFrames();
    const parlor = new Parlor({
      log: new MemoryLog({ retention: { messages: 5_000 } }),
      connectionsPerAddress: Infinity,
      authorize: mayInTicker,
      volatileState: isTicker,
    });
    const { port } = await parlor.listen({ port: 0 });
    if (way === "state") await startTicker(parlor);
    else {
      const room = parlor.room("changes");
      change((price) => void room.publish(price));
    }
    return port;
  },
  cpuMs: () => cpuMsOf(process.pid) ?? process.cpuUsage().user / 1_000,
  made: () => made,
} satisfies TickerServerCalls);
