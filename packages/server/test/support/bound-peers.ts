import type { TestContext } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import type { RunningParlor } from "./parlor-server.ts";

/** Peers that go to a bound of the server. */
export const HELLO = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };

export async function joined(t: TestContext, { port }: RunningParlor): Promise<RawSocketPeer> {
  const peer = await RawSocketPeer.open({ port });
  t.after(() => peer.destroy());
  peer.send(HELLO);
  await peer.readJsonWith({ type: "welcome" });
  return peer;
}

export async function subscribed(t: TestContext, server: RunningParlor): Promise<RawSocketPeer> {
  const peer = await joined(t, server);
  peer.send({ type: "subscribe", room: "lobby" });
  await peer.readJsonWith({ type: "subscribed" });
  return peer;
}

export function publishAll(peer: RawSocketPeer, count: number, body: unknown = "x"): void {
  for (let seq = 1; seq <= count; seq++)
    peer.send({ type: "publish", room: "lobby", seq, afterSeq: 0, body });
}

/** Tells the server's own code to publish so many large messages. */
export async function publishLarge({ parlor }: RunningParlor, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await parlor.room("lobby").publish("x".repeat(60_000));
}

export async function post(
  { origin }: RunningParlor,
  path: string,
  frames: readonly object[],
): Promise<Response> {
  const body = frames.map((frame) => JSON.stringify(frame)).join("\n");
  const headers = { "content-type": "application/x-ndjson" };
  return fetch(`${origin}${path}`, { method: "POST", headers, body });
}
