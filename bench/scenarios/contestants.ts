import type { DialectName } from "../load/dialects/dialect.ts";
import type { PeerName } from "../peers/peer.ts";

/** A server and the way in which clients speak to it: one bar of a chart. */
export interface Contestant {
  readonly label: string;
  readonly peer: PeerName;
  readonly dialect: DialectName;
}

export const PARLOR: Contestant = { label: "Parlor", peer: "parlor", dialect: "parlor" };
export const PARLOR_PLAIN: Contestant = {
  label: "Parlor, plain room",
  peer: "parlor",
  dialect: "parlor-plain",
};
export const WS: Contestant = { label: "ws", peer: "ws", dialect: "ws" };
export const BATCHED_WS: Contestant = {
  label: "ws, batched by hand",
  peer: "batched-ws",
  dialect: "batched-ws",
};
/** Gathers as long as Parlor does at most: what a delivery costs when nobody is ahead by being later. */
export const PATIENT_BATCHED_WS: Contestant = {
  label: "ws, batched by hand, 25 ms",
  peer: "patient-batched-ws",
  dialect: "batched-ws",
};
export const SOCKET_IO: Contestant = { label: "Socket.IO", peer: "socket.io", dialect: "socket.io" };
