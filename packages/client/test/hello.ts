import type { TransportConnection } from "../src/index.ts";

export const HELLO = { type: "hello", version: 1, key: "k".repeat(43), producer: "producer-1" };

export function send(connection: TransportConnection, ...frames: readonly object[]): void {
  for (const frame of frames) connection.send(JSON.stringify(frame));
}
