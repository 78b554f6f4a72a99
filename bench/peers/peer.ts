/** A server that takes part in the comparison: one room, and everybody in it hears everything. */
export interface Peer {
  readonly port: number;
  close(): Promise<void>;
}

export type PeerName = "parlor" | "ws" | "batched-ws" | "patient-batched-ws" | "socket.io";

export interface PeerOptions {
  /** Where a server that stores puts what it stores. */
  readonly folder: string;
  /** Of Parlor: `coalesceMs`, where another value than its default is measured. */
  readonly coalesceMs?: number | undefined;
}

export type StartPeer = (options: PeerOptions) => Promise<Peer>;
