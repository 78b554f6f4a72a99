import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PresenceFrame, ServerFrame } from "@parlor/protocol";
import { until } from "@parlor/testkit";
import { exchange, helloFrame, StreamReader } from "./support/exchange.ts";
import { startParlor } from "./support/parlor-server.ts";
import { freshKey, Peer } from "./support/peer.ts";

const PATIENCE_MS = 20_000;

const subscribe = (presence: true | number = true): object => ({
  type: "subscribe",
  room: "lobby",
  presence,
});

function presenceIn(frames: readonly ServerFrame[]): PresenceFrame[] {
  return frames.flatMap((frame) => (frame.type === "presence" ? [frame] : []));
}

const namesOf = ({ joined = [] }: PresenceFrame): unknown[] =>
  joined.map(({ profile }) => (profile as { name?: string } | null)?.name);

describe("presence over every transport", () => {
  test("[PRESENCE-13] a stream is shown and told, and a poll likewise, each with its profile, line breaks included (B44)", async (t) => {
    const { port, origin, parlor } = await startParlor(t);
    const socket = await Peer.join(t, port, { profile: { name: "socket" } } as object);
    await socket.subscribe("lobby", { presence: true });
    await socket.next("presence");
    const hello = helloFrame({ profile: { name: "stream\n" } });
    const stream = await StreamReader.open(t, origin, [hello, subscribe()]);
    await stream.next("welcome");
    await stream.next("subscribed");
    const first = await stream.next("presence");
    assert.equal(first.full, true);
    const pollHello = helloFrame({ profile: { name: "poll" } });
    const [told] = presenceIn(await exchange(origin, "poll?wait=0", pollHello, subscribe()));
    assert.equal(told?.full, true);
    const everybody = ["poll", "socket", "stream\n"];
    const areAll = async (): Promise<boolean> => {
      const { members } = await parlor.room("lobby").presence();
      const names = [...(members?.values() ?? [])].map((profile) => (profile as { name: string }).name);
      return JSON.stringify(names.sort((a, b) => (a < b ? -1 : 1))) === JSON.stringify(everybody);
    };
    let isSo = false;
    const look = async (): Promise<void> => {
      while (!(isSo = await areAll()));
    };
    void look();
    assert.ok(await until(() => isSo, PATIENCE_MS));
  });

  test("[PRESENCE-13] a poll that names the version it has waits until somebody comes, and stays between polls", async (t) => {
    const { port, origin } = await startParlor(t);
    const hello = helloFrame({ profile: { name: "poll" } });
    let last: PresenceFrame | undefined;
    // Whoever polls is shown: with itself in the list nothing is new any more.
    while (last?.joined?.length !== 0) {
      const version = last?.version ?? true;
      [last] = presenceIn(await exchange(origin, "poll?wait=0", hello, subscribe(version)));
      assert.ok(last !== undefined);
    }
    const { version } = last;
    let isOver = false;
    const waiting = exchange(origin, "poll?wait=20", hello, subscribe(version)).finally(
      () => (isOver = true),
    );
    const comer = await Peer.join(t, port, { profile: { name: "comer" } } as object);
    assert.equal(isOver, false);
    await comer.subscribe("lobby", { presence: true });
    const seenByComer = await comer.next("presence");
    const frames = presenceIn(await waiting);
    assert.ok(
      frames.some((frame) => namesOf(frame).includes("comer")),
      JSON.stringify(frames),
    );
    // It is between two polls now, and there.
    assert.ok(seenByComer.count >= 1);
    const other = await Peer.join(t, port);
    await other.subscribe("lobby", { presence: true });
    let count = (await other.next("presence")).count;
    while (count < 3) count = (await other.next("presence")).count;
  });

  test("[PRESENCE-8] a version is one in every process: who polls here and there is not told again what it has", async (t) => {
    const { origin, port } = await startParlor(t);
    const key = freshKey();
    const stays = await Peer.join(t, port, { profile: { name: "stays" } } as object);
    await stays.subscribe("lobby", { presence: true });
    await stays.next("presence");
    let version: number | true = true;
    let quiet = 0;
    for (let poll = 0; poll < 100 && quiet < 6; poll++) {
      const frames = presenceIn(
        await exchange(origin, "poll?wait=0", helloFrame({ key }), subscribe(version)),
      );
      assert.equal(frames.length, 1);
      const [frame] = frames;
      quiet = frame?.full === undefined && frame?.joined?.length === 0 ? quiet + 1 : 0;
      version = frame?.version ?? 0;
    }
    assert.equal(quiet, 6);
  });

  test("[PRESENCE-14] the server's own code asks who is there, and follows it, without being there itself", async (t) => {
    const { port, parlor } = await startParlor(t);
    const room = parlor.room("lobby");
    assert.deepEqual(await room.presence(), { count: 0, members: new Map() });
    const there = new Map<string, unknown>();
    const following = room.onPresence(({ count, joined, left }) => {
      for (const { identity, profile } of joined) there.set(identity, profile);
      for (const identity of left) there.delete(identity);
      assert.equal(there.size, count);
      throw new Error("a fault of the host");
    });
    const peer = await Peer.join(t, port, { profile: { name: "Ada" } } as object);
    await peer.subscribe("lobby", { presence: true });
    await peer.next("presence");
    assert.ok(await until(() => there.size === 1, PATIENCE_MS));
    assert.deepEqual(there, new Map([[peer.identity, { name: "Ada" }]]));
    assert.deepEqual(await room.presence(), { count: 1, members: there });
    await peer.leave();
    assert.ok(await until(() => there.size === 0, PATIENCE_MS));
    following.close();
    following.close();
  });
});
