import { ParlorClient, roomPresence, roomState } from "@parlor/client";
import { encodeFrame, SUBPROTOCOL } from "@parlor/protocol";
import { PRICES_ROOM, type Price } from "@parlor/stock-ticker/price";
import { TcpProxy } from "@parlor/testkit";
import { clientTextFrame } from "../load/client-frame.ts";
import { helloFrame } from "../load/dialects/parlor.ts";
import type { FrameSink } from "../load/frame-scanner.ts";
import { openMany } from "../load/open-sockets.ts";
import { RawSocket } from "../load/raw-socket.ts";
import { serve } from "../processes/serve.ts";
import type { Way } from "./ticker-server.ts";

/** Readers that take all that comes, as cheaply as may be, or one over a narrow line that looks how old it is. */
export type TickerReadersCalls = {
  open(question: { readonly port: number; readonly way: Way; readonly readers: number }): Promise<void>;
  /** Frames and bytes that came to all so far. */
  came(): { readonly frames: number; readonly bytes: number };
  /** Reads for so long at so many bytes a second; answers the age of the newest price that it had, 50 times a second. */
  readSlowly(question: SlowQuestion): Promise<SlowReading>;
};

export interface SlowQuestion {
  readonly port: number;
  readonly bytesPerSecond: number;
  readonly windowMs: number;
  readonly transport: "websocket" | "stream" | "poll";
}

export interface SlowReading {
  readonly agesMs: readonly number[];
  readonly bytesPerSecond: number;
}

let frames = 0;
let bytes = 0;

/** Bytes of `{"type":"ping"}`; nothing else that comes is so short. */
const PING_BYTES = 15;
const PONG = clientTextFrame(encodeFrame({ type: "pong" } as never));

async function open(port: number, way: Way, index: number): Promise<void> {
  let frameBytes = 0;
  let socket: RawSocket | null = null;
  const sink: FrameSink = {
    payload: (_, start, end) => (frameBytes += end - start),
    frameEnd: () => {
      if (frameBytes === PING_BYTES) socket?.sendBytes(PONG);
      frames += 1;
      bytes += frameBytes;
      frameBytes = 0;
    },
  };
  const path = way === "frames" ? "/" : "/connect";
  socket = await RawSocket.open({ port, path, subprotocol: way === "frames" ? null : SUBPROTOCOL }, sink);
  if (way === "frames") return;
  socket.send(helloFrame(index));
  const what =
    way === "state" ? { room: PRICES_ROOM, state: true, presence: index === 0 } : { room: "changes" };
  socket.send(JSON.stringify({ type: "subscribe", ...what }));
}

async function readSlowly({ port, bytesPerSecond, windowMs, transport }: SlowQuestion): Promise<SlowReading> {
  await using proxy = await TcpProxy.listen(port);
  // Somebody quick is present, so that prices move; the slow one is throttled from its first byte on.
  const quick = new ParlorClient(`http://127.0.0.1:${port}/`);
  roomPresence(quick.room(PRICES_ROOM));
  quick.room(PRICES_ROOM).subscribe();
  proxy.throttle(bytesPerSecond, "to-client");
  const client = new ParlorClient(`http://127.0.0.1:${proxy.port}/`, { transports: [transport] });
  const room = client.room(PRICES_ROOM);
  const prices = roomState(room);
  let newestMs = 0;
  let taken = 0;
  prices.on("change", (changes) => {
    taken += JSON.stringify(Object.fromEntries(changes)).length;
    for (const price of changes.values()) newestMs = Math.max(newestMs, (price as Price)[1]);
  });
  room.subscribe();
  while (prices.values.size < 500) await new Promise((resolve) => setTimeout(resolve, 20));
  taken = 0;
  const agesMs: number[] = [];
  const fromMs = performance.now();
  while (performance.now() < fromMs + windowMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    agesMs.push(Date.now() - newestMs);
  }
  client.close();
  quick.close();
  return { agesMs, bytesPerSecond: taken / (windowMs / 1_000) };
}

serve({
  async open({ port, way, readers }) {
    await openMany(readers, (index) => open(port, way, index));
  },
  came: () => ({ frames, bytes }),
  readSlowly,
} satisfies TickerReadersCalls);
