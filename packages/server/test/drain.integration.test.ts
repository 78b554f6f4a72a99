import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, RawSocketPeer, seededRandom } from "@parlor/testkit";
import { EventFeedReader } from "./support/event-feed-reader.ts";
import { HeldLog } from "./support/held-log.ts";
import { Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { within } from "./support/within.ts";

/** Whether the listener still takes connections. */
async function isListening(port: number): Promise<boolean> {
  try {
    const peer = await RawSocketPeer.connect({ port });
    peer.destroy();
    return true;
  } catch {
    return false;
  }
}

/** Moves time on until `promise` has settled; no drain takes longer than ten seconds. */
async function passUntil(clock: FakeClock, promise: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = promise.then(() => {
    isOver = true;
  });
  for (let ms = 0; ms <= 10_000 && !isOver; ms += 100) await clock.advanceAsync(100);
  await within(over, "the end of the drain within ten seconds of its clock", 1_000);
}

describe("a drain", () => {
  test("[DRAIN-51] says bye to each with its own time to return, then closes 1001", async (t) => {
    const clock = new FakeClock();
    const { port, parlor } = await startParlor(t, { clock, random: seededRandom("drain") });
    const peers = await Promise.all(Array.from({ length: 30 }, () => Peer.join(t, port)));
    const drained = parlor.drain();
    await clock.advanceAsync(10);
    const times = new Set<number>();
    for (const peer of peers) {
      const bye = await peer.next("bye");
      assert.equal(bye.code, "draining");
      const ms = bye.retryAfterMs ?? 0;
      assert.ok(ms >= 500 && ms <= 20_000);
      times.add(ms);
      assert.equal((await peer.close()).code, 1001);
    }
    assert.ok(times.size > 20, "they do not return together");
    await passUntil(clock, drained);
    assert.equal(await isListening(port), false);
  });

  test("[DRAIN-52] stores and acks what was accepted before anybody is sent away, and refuses what comes after", async (t) => {
    const clock = new FakeClock();
    const log = new HeldLog();
    const { port, parlor } = await startParlor(t, { clock, log });
    const peer = await Peer.join(t, port);
    log.hold();
    for (let seq = 1; seq <= 20; seq++) peer.send({ type: "publish", room: "lobby", seq, body: seq });
    assert.deepEqual(await peer.untilPong(), []);
    const drained = parlor.drain();
    peer.send({ type: "publish", room: "lobby", seq: 21, body: 21 });
    peer.send({ type: "subscribe", room: "lobby" });
    const error = await peer.next("error");
    assert.deepEqual([error.code, error.to], ["draining", "subscribe"]);
    await clock.advanceAsync(1_000);
    assert.deepEqual(await peer.untilPong(), [], "nobody is sent away while the log still writes");
    log.letGo();
    for (let seq = 1; seq <= 20; seq++) assert.equal((await peer.next("ack")).seq, seq);
    const refused = await peer.next("refused");
    assert.deepEqual([refused.code, refused.seq], ["draining", 21]);
    assert.ok((refused.retryAfterMs ?? 0) > 0);
    await clock.advanceAsync(10);
    await peer.next("bye");
    await passUntil(clock, drained);
    assert.equal((await log.head("lobby")).head, 20);
  });

  test("[DRAIN-53] readyz is 503 for two seconds before the listener closes, healthz 200, and at once where nobody is", async (t) => {
    const clock = new FakeClock();
    const { port, parlor, origin } = await startParlor(t, { clock });
    const peer = await Peer.join(t, port);
    assert.equal((await fetch(`${origin}/readyz`)).status, 200);
    const drained = parlor.drain();
    await clock.advanceAsync(10);
    await peer.next("bye");
    for (let passedMs = 0; passedMs < 1_900; passedMs += 190) {
      assert.equal((await fetch(`${origin}/readyz`, { headers: { connection: "close" } })).status, 503);
      assert.equal((await fetch(`${origin}/healthz`, { headers: { connection: "close" } })).status, 200);
      await clock.advanceAsync(190);
    }
    await clock.advanceAsync(1_200);
    await within(drained, "the end of the drain");
    assert.equal(await isListening(port), false);
  });

  test("[DRAIN-58] where nobody is connected the listener closes at once", async (t) => {
    const clock = new FakeClock();
    const { port, parlor } = await startParlor(t, { clock });
    const drained = parlor.drain();
    await clock.advanceAsync(10);
    await within(drained, "the end of the drain");
    assert.equal(await isListening(port), false);
  });

  test("[DRAIN-54] an event feed is told when to come back, and ends", async (t) => {
    const clock = new FakeClock();
    const { parlor, origin } = await startParlor(t, { clock });
    const feed = await EventFeedReader.open(`${origin}/rooms/lobby/messages`);
    await feed.next();
    const before = feed.text.length;
    const drained = parlor.drain();
    await clock.advanceAsync(10);
    await feed.more(before);
    assert.match(feed.text, /\nretry: [1-9]\d*\n\n$/);
    await passUntil(clock, drained);
  });

  test("[DRAIN-55] ends in time although the log never answers and a peer never reads", async (t) => {
    const clock = new FakeClock();
    const log = new HeldLog();
    const { port, parlor } = await startParlor(t, { clock, log });
    using stalled = await RawSocketPeer.open({ port });
    stalled.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
    stalled.send({ type: "subscribe", room: "lobby" });
    await stalled.readJsonWith({ type: "subscribed" });
    stalled.pause();
    for (let i = 0; i < 150; i++) await parlor.room("lobby").publish("x".repeat(60_000));
    const peer = await Peer.join(t, port);
    log.hold();
    peer.send({ type: "publish", room: "lobby", seq: 1, body: "never answered" });
    assert.deepEqual(await peer.untilPong(), []);
    await passUntil(clock, parlor.drain());
    log.letGo();
  });

  test("[DRAIN-56] twice is once, a close afterwards is harmless, and the log stays its owner's", async (t) => {
    const { port, parlor, log } = await startParlor(t);
    const first = parlor.drain();
    assert.equal(parlor.drain(), first);
    await first;
    await parlor.close();
    await parlor.close();
    assert.equal(await isListening(port), false);
    assert.equal(log.status.kind, "ready");
  });

  test("[DRAIN-57] a plain publish that was accepted is answered, one that comes later is 503", async (t) => {
    const clock = new FakeClock();
    const log = new HeldLog();
    const { parlor, origin } = await startParlor(t, { clock, log });
    const send = (): Promise<Response> =>
      fetch(`${origin}/rooms/lobby/messages`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
        body: '"x"',
      });
    log.hold();
    const accepted = send();
    while (log.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const drained = parlor.drain();
    assert.equal((await send()).status, 503);
    log.letGo();
    assert.equal((await accepted).status, 201);
    await passUntil(clock, drained);
  });
});
