import type { TestContext } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";

/** Six peers with the largest profiles, each in 200 rooms: more than one process shows. */
export async function floodPresence(t: TestContext, port: number): Promise<void> {
  const profile = { name: "x".repeat(65_000) };
  for (let i = 0; i < 6; i++) {
    const peer = await RawSocketPeer.open({ port });
    t.after(() => peer.destroy());
    const key = `key-of-a-flood-of-presence-${i}`;
    peer.send({ type: "hello", version: 1, key, producer: "producer-1", profile });
    await peer.readJsonWith({ type: "welcome" });
    // What it would be told is too large to be read here.
    peer.pause();
    for (let room = 0; room < 200; room++)
      peer.send({ type: "subscribe", room: `room-${room}`, presence: true });
  }
}
