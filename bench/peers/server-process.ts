import { ownCpuMs } from "../processes/cpu-time.ts";
import { serve } from "../processes/serve.ts";
import { startBatchedWs } from "./batched-ws.ts";
import { startParlor } from "./parlor.ts";
import type { Peer, PeerName, PeerOptions, StartPeer } from "./peer.ts";
import { startPlainWs } from "./plain-ws.ts";
import { startSocketIo } from "./socket-io.ts";

/** Entry of the process that is measured: one peer, and what Node can say of its own process. */
const PEERS: Readonly<Record<PeerName, StartPeer>> = {
  parlor: startParlor,
  ws: startPlainWs,
  "batched-ws": () => startBatchedWs(10),
  // As long as Parlor lets them gather at most.
  "patient-batched-ws": () => startBatchedWs(25),
  "socket.io": startSocketIo,
};

export interface Memory {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

let peer: Peer | null = null;

const calls = {
  async start({ name, ...options }: PeerOptions & { readonly name: PeerName }): Promise<number> {
    peer = await PEERS[name](options);
    return peer.port;
  },
  cpuMs: (): number => ownCpuMs(),
  /** After a collection, so that garbage does not count as what a connection costs. Needs `--expose-gc`. */
  memory(): Memory {
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    return { residentBytes: rss, heapBytes: heapUsed };
  },
  async stop(): Promise<void> {
    await peer?.close();
  },
};

export type ServerCalls = typeof calls;

serve(calls);
