import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { PresenceFrame } from "@parlor/protocol";
import type { AuthorizeQuestion } from "@parlor/server";
import { FakeClock } from "@parlor/testkit";
import { startParlor } from "./support/parlor-server.ts";
import { freshKey, Peer } from "./support/peer.ts";

/** A peer that is present in the lobby, with what it is told first. */
async function present(
  t: TestContext,
  port: number,
  hello: { key?: string; producer?: string; profile?: object } = {},
  presence: true | number = true,
): Promise<{ peer: Peer; first: PresenceFrame }> {
  const peer = await Peer.join(t, port, hello);
  await peer.subscribe("lobby", { presence });
  return { peer, first: await peer.next("presence") };
}

/** Who is there, by the frames so far: the next ones are added until `isEnough`. */
class Seen {
  readonly members = new Map<string, unknown>();
  count = 0;
  version = 0;
  frames = 0;
  readonly #peer: Peer;

  constructor(peer: Peer, first: PresenceFrame) {
    this.#peer = peer;
    this.take(first);
  }

  take({ full, joined, left, count, version }: PresenceFrame): void {
    this.frames += 1;
    if (full === true) this.members.clear();
    for (const { identity, profile } of joined ?? []) this.members.set(identity, profile);
    for (const identity of left ?? []) this.members.delete(identity);
    Object.assign(this, { count, version });
  }

  /** Takes what the server has said by now. */
  async sync(): Promise<void> {
    for (const frame of await this.#peer.untilPong()) if (frame.type === "presence") this.take(frame);
  }

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) this.take((await this.#peer.find("presence")) as PresenceFrame);
  }
}

describe("presence", () => {
  test("[PRESENCE-2] who asks is told behind `subscribed`, in full and itself included, and then who joins with its profile", async (t) => {
    const { port } = await startParlor(t);
    const ada = await present(t, port, { profile: { name: "Ada" } });
    assert.deepEqual(ada.first, {
      type: "presence",
      room: "lobby",
      version: ada.first.version,
      full: true,
      count: 1,
      joined: [{ identity: ada.peer.identity, profile: { name: "Ada" } }],
      left: [],
    });
    const bob = await present(t, port);
    const seen = new Seen(ada.peer, ada.first);
    await seen.until(() => seen.members.has(bob.peer.identity));
    assert.equal(seen.count, 2);
    assert.equal(seen.members.get(bob.peer.identity), null);
    const seenByBob = new Seen(bob.peer, bob.first);
    await seenByBob.until(() => seenByBob.count === 2);
    assert.deepEqual(seenByBob.members.get(ada.peer.identity), { name: "Ada" });
  });

  test("[PRESENCE-3] who does not ask is neither told nor shown", async (t) => {
    const { port, parlor } = await startParlor(t);
    const quiet = await Peer.join(t, port);
    await quiet.subscribe("lobby");
    const ada = await present(t, port);
    assert.deepEqual(
      ada.first.joined?.map(({ identity }) => identity),
      [ada.peer.identity],
    );
    await parlor.room("lobby").publish("end");
    await quiet.next("messages");
  });

  test("[PRESENCE-4] several tabs are one entry, with the newest profile, and the other one's 5 s after that is gone", async (t) => {
    const { port } = await startParlor(t);
    const watcher = await present(t, port);
    const seen = new Seen(watcher.peer, watcher.first);
    const key = freshKey();
    const one = await present(t, port, { key, producer: "tab-0001", profile: { name: "one" } });
    const { identity } = one.peer;
    await seen.until(() => seen.members.has(identity));
    const other = await present(t, port, { key, producer: "tab-0002", profile: { name: "other" } });
    assert.equal(other.first.count, 2);
    await seen.until(() => (seen.members.get(identity) as { name: string }).name === "other");
    assert.equal(seen.count, 2);
    await other.peer.leave();
    await seen.until(() => (seen.members.get(identity) as { name: string }).name === "one");
    assert.equal(seen.count, 2);
  });

  test("[PRESENCE-5] `left` comes 5 s after the last connection of an identity ended, and not where it came back", async (t) => {
    const clock = new FakeClock();
    const { port } = await startParlor(t, { clock });
    const watcher = await present(t, port);
    const seen = new Seen(watcher.peer, watcher.first);
    /** Time passes, and what came of it is here. */
    const pass = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 50) clock.advance(Math.min(50, left));
      for (let turn = 0; turn < 2; turn++) await seen.sync();
    };
    const key = freshKey();
    const tab = await Peer.join(t, port, { key });
    const { identity } = tab;
    await tab.subscribe("lobby", { presence: true });
    await pass(100);
    assert.deepEqual([seen.count, seen.members.has(identity)], [2, true]);
    tab.send({ type: "unsubscribe", room: "lobby" });
    await tab.find("unsubscribed");
    await pass(4_900);
    assert.equal(seen.count, 2);
    await tab.subscribe("lobby", { presence: true });
    await pass(20_000);
    assert.equal(seen.count, 2);
    const told = seen.frames;
    tab.send({ type: "unsubscribe", room: "lobby" });
    await tab.find("unsubscribed");
    await pass(4_900);
    assert.deepEqual([seen.count, seen.frames], [2, told]);
    await pass(200);
    assert.deepEqual([seen.count, seen.members.has(identity)], [1, false]);
  });

  test("[PRESENCE-8] a version that is named is answered with what changed since, an unknown one in full", async (t) => {
    const { port } = await startParlor(t);
    const ada = await present(t, port, { profile: { name: "Ada" } });
    const key = freshKey();
    const bob = await present(t, port, { key });
    const seen = new Seen(bob.peer, bob.first);
    await seen.until(() => seen.count === 2);
    const { version } = seen;
    await bob.peer.leave();
    const same = await present(t, port, { key }, version);
    assert.deepEqual(same.first, {
      type: "presence",
      room: "lobby",
      version,
      count: 2,
      joined: [],
      left: [],
    });
    await same.peer.leave();
    const cy = await present(t, port, { profile: { name: "Cy" } });
    const told = new Seen(ada.peer, ada.first);
    await told.until(() => told.members.has(cy.peer.identity));
    const later = await present(t, port, { key }, version);
    assert.deepEqual(
      [later.first.full, later.first.joined],
      [undefined, [{ identity: cy.peer.identity, profile: { name: "Cy" } }]],
    );
    const unknown = await present(t, port, { key }, version + 1);
    assert.equal(unknown.first.full, true);
    assert.equal(unknown.first.joined?.length, 3);
  });

  test("[PRESENCE-9] above 200 only the count is told, and all are listed again once they are fewer", async (t) => {
    const { port } = await startParlor(t);
    const watcher = await present(t, port);
    const seen = new Seen(watcher.peer, watcher.first);
    const peers = await Promise.all(Array.from({ length: 200 }, () => Peer.join(t, port)));
    for (const peer of peers) peer.send({ type: "subscribe", room: "lobby", presence: true });
    let last: PresenceFrame = watcher.first;
    while (last.count < 201) last = await watcher.peer.find("presence");
    assert.deepEqual([last.full, last.joined, last.left], [true, undefined, undefined]);
    const late = await present(t, port);
    assert.deepEqual([late.first.full, late.first.joined], [true, undefined]);
    for (const peer of peers.slice(0, 100)) peer.socket.webSocket.terminate();
    await seen.until(() => seen.members.size > 0 && seen.count === 102);
    assert.equal(seen.members.size, 102);
  });

  test("[PRESENCE-10] a right that is refused refuses the subscription, and one that is withdrawn ends it", async (t) => {
    const asked: AuthorizeQuestion[] = [];
    let mayBePresent = false;
    const { port, parlor } = await startParlor(t, {
      authorize: (question) => {
        if (question.action === "presence") asked.push(question);
        return question.action !== "presence" || mayBePresent;
      },
    });
    const peer = await Peer.join(t, port);
    peer.send({ type: "subscribe", room: "lobby", presence: true });
    const error = await peer.next("error");
    assert.deepEqual([error.to, error.room, error.code], ["subscribe", "lobby", "forbidden"]);
    assert.deepEqual(asked, [{ identity: peer.identity, action: "presence", room: "lobby" }]);
    await peer.subscribe("lobby");
    mayBePresent = true;
    await peer.subscribe("lobby", { presence: true });
    await peer.next("presence");
    mayBePresent = false;
    parlor.recheck();
    assert.equal((await peer.next("unsubscribed")).code, "forbidden");
  });

  test("[PRESENCE-11] a peer that does not read is told the newest and no backlog", async (t) => {
    const { port, origin } = await startParlor(t, { sendBufferBytes: 65_536 });
    const slow = await present(t, port);
    const big = "x".repeat(60_000);
    slow.peer.socket.webSocket.pause();
    const { parlor } = { parlor: await Peer.join(t, port) };
    let seq = 0;
    const isStuck = async (): Promise<boolean> => {
      seq += 1;
      await parlor.publish("lobby", seq, big);
      const text = await (await fetch(`${origin}/metrics`)).text();
      return /^parlor_slow_readers 1$/m.test(text);
    };
    while (!(await isStuck()));
    const key = freshKey();
    for (let index = 0; index < 20; index++) {
      const tab = await present(t, port, { key, profile: { index } });
      const seen = new Seen(tab.peer, tab.first);
      await seen.until(() =>
        [...seen.members.values()].some((profile) => (profile as { index?: number } | null)?.index === index),
      );
    }
    slow.peer.socket.webSocket.resume();
    const frames: PresenceFrame[] = [];
    const hasNewest = (): boolean =>
      frames.some(({ joined }) =>
        joined?.some(({ profile }) => (profile as { index?: number })?.index === 19),
      );
    while (!hasNewest()) frames.push(await slow.peer.find("presence"));
    assert.ok(frames.length <= 2, JSON.stringify(frames));
  });

  test("[PRESENCE-12] a client that vanished half-open leaves once its heartbeat is missed", async (t) => {
    const clock = new FakeClock();
    const { port } = await startParlor(t, { clock, heartbeatMs: 10_000 });
    const watcher = await present(t, port);
    const seen = new Seen(watcher.peer, watcher.first);
    const gone = await Peer.join(t, port);
    await gone.subscribe("lobby", { presence: true });
    // It takes nothing and says nothing from now on, and its socket stays.
    gone.socket.webSocket.pause();
    let secondsThere = 0;
    let hasCome = false;
    for (let second = 0; second < 60 && !(hasCome && seen.count === 1); second++) {
      clock.advance(1_000);
      await seen.sync();
      hasCome ||= seen.count === 2;
      if (seen.count === 2) secondsThere += 1;
    }
    assert.equal(seen.count, 1);
    assert.ok(secondsThere >= 10 && secondsThere <= 40, `${secondsThere} s`);
  });
});
