import type { TransportKind } from "@parlor/client";
import type { ConnectionSign } from "./connection-sign.ts";

const WORDS: Readonly<Record<ConnectionSign["kind"], string>> = {
  live: "Connected",
  connecting: "Connecting",
  reconnecting: "Reconnecting",
  offline: "Offline",
  closed: "Closed",
};

const WAYS: Readonly<Record<TransportKind, string>> = {
  websocket: "by WebSocket",
  stream: "by event stream",
  poll: "by polling",
};

/** How the connection stands, in a word; and by which way, where there is one. */
export function connectionWords(
  { kind }: ConnectionSign,
  transport: TransportKind | null,
): { readonly word: string; readonly way: string } {
  return { word: WORDS[kind], way: kind === "live" && transport !== null ? WAYS[transport] : "" };
}
