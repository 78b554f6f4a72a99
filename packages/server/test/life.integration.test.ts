import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeRawFrame, FakeClock, OPCODES, RawSocketPeer, seededRandom } from "@parlor/testkit";
import { HeldLog } from "./support/held-log.ts";
import { Peer, TextSocket } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";

const HEARTBEAT_MS = 10_000;

/** Moves time on second by second, and lets what is under way on the sockets arrive each time. */
async function pass(clock: FakeClock, seconds: number, probe: Peer): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    clock.advance(1_000);
    assert.deepEqual(await probe.untilPong(), []);
    assert.deepEqual(await probe.untilPong(), []);
  }
}

describe("the life of a connection", () => {
  test("[LIFE-2] a silent connection is pinged after one heartbeat, each in its own time within 20 %", async (t) => {
    const clock = new FakeClock();
    const random = seededRandom("jitter");
    const { port } = await startParlor(t, { clock, random, heartbeatMs: HEARTBEAT_MS });
    const probe = await Peer.join(t, port);
    const peers = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const peer = await Peer.join(t, port);
        peer.seePings();
        return peer;
      }),
    );
    const seconds = new Map<number, number>();
    for (let second = 1; second <= 13; second++) {
      await pass(clock, 1, probe);
      for (const peer of peers) {
        if (peer.socket.texts.untaken.length === 0) continue;
        assert.equal((await peer.next("ping")).type, "ping");
        peer.send({ type: "pong" });
        seconds.set(second, (seconds.get(second) ?? 0) + 1);
      }
    }
    assert.equal(
      [...seconds.values()].reduce((sum, count) => sum + count),
      40,
    );
    // The server looks once a second, so that a byte may be a second old when it is seen.
    assert.ok(Math.min(...seconds.keys()) >= 8 && Math.max(...seconds.keys()) <= 13, [...seconds].join(" "));
    assert.ok(seconds.size >= 3, "they are spread");
  });

  test("[LIFE-3] one that shows no life is closed 4002 after one and a half heartbeats, one that answers never (O21)", async (t) => {
    const clock = new FakeClock();
    const { port } = await startParlor(t, { clock, heartbeatMs: HEARTBEAT_MS });
    const probe = await Peer.join(t, port);
    const answering = await Peer.join(t, port);
    const silent = await Peer.join(t, port);
    silent.seePings();
    const reading = (async () => {
      for (;;) await answering.any();
    })();
    reading.catch(() => {});
    let closedAfter = 0;
    void silent.socket.closed.then(() => (closedAfter = clock.monotonic()));
    await pass(clock, 40, probe);
    assert.equal((await silent.close()).code, 4002);
    assert.ok(closedAfter >= 15_000 && closedAfter <= 18_000, String(closedAfter));
    assert.equal(answering.socket.webSocket.readyState, 1);
  });

  test("[LIFE-1] any byte is life: a ping of WebSocket's, half a frame, a frame that is refused", async (t) => {
    const clock = new FakeClock();
    const { port } = await startParlor(t, { clock, heartbeatMs: HEARTBEAT_MS });
    const probe = await Peer.join(t, port);
    const peers = await Promise.all([0, 1, 2].map(() => RawSocketPeer.open({ port })));
    for (const peer of peers)
      peer.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
    const slow = encodeRawFrame({ payload: JSON.stringify({ type: "ping" }).padEnd(100) });
    for (let second = 0; second < 60; second += 5) {
      peers[0]?.sendFrame({ opcode: OPCODES.ping });
      peers[1]?.write(slow.subarray(second / 5, second / 5 + 1));
      peers[2]?.send("garbage");
      await pass(clock, 5, probe);
    }
    for (const peer of peers) {
      assert.equal(peer.isClosed, false);
      peer.destroy();
    }
  });

  test("[LIFE-5] a plain room is kept alive by WebSocket's own pings, and its page sees none of it", async (t) => {
    const clock = new FakeClock();
    const { port } = await startParlor(t, { clock, heartbeatMs: HEARTBEAT_MS });
    const probe = await Peer.join(t, port);
    const answering = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/lobby`);
    using silent = await RawSocketPeer.open({ port, path: "/rooms/lobby" });
    await pass(clock, 40, probe);
    assert.equal((await silent.readFrame()).opcode, OPCODES.ping);
    assert.equal((await silent.readClose()).code, 4002);
    assert.equal(answering.webSocket.readyState, 1);
    assert.deepEqual(answering.texts.untaken, []);
  });

  test("[LIFE-4] a full send buffer of which nothing is taken for two heartbeats is closed 4001", async (t) => {
    const clock = new FakeClock();
    const { port, parlor } = await startParlor(t, { clock, heartbeatMs: HEARTBEAT_MS });
    const probe = await Peer.join(t, port);
    using stalled = await RawSocketPeer.open({ port });
    stalled.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
    stalled.send({ type: "subscribe", room: "lobby" });
    await stalled.readJsonWith({ type: "subscribed" });
    stalled.pause();
    for (let i = 0; i < 300; i++) await parlor.room("lobby").publish("x".repeat(60_000));
    await pass(clock, 19, probe);
    assert.equal(stalled.isClosed, false);
    await pass(clock, 3, probe);
    stalled.resume();
    assert.equal((await stalled.readClose()).code, 4001);
  });

  test("[LIFE-6] a reader that takes a little now and then is slow and alive", async (t) => {
    const clock = new FakeClock();
    const { port, parlor } = await startParlor(t, { clock, heartbeatMs: HEARTBEAT_MS });
    const probe = await Peer.join(t, port);
    using reader = await RawSocketPeer.open({ port });
    reader.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
    reader.send({ type: "subscribe", room: "lobby" });
    await reader.readJsonWith({ type: "subscribed" });
    reader.pause();
    for (let i = 0; i < 400; i++) await parlor.room("lobby").publish("x".repeat(60_000));
    for (let i = 0; i < 4; i++) {
      await pass(clock, 15, probe);
      assert.equal(reader.isClosed, false);
      // Two megabytes, so that what the kernels hold between the two moves as well.
      const before = reader.receivedBytes;
      reader.resume();
      while (reader.receivedBytes - before < 2_000_000)
        await new Promise((resolve) => reader.socket.once("data", resolve));
      reader.pause();
    }
  });

  test("[LIFE-7] while the server itself does not read, a peer's silence is no sign of death", async (t) => {
    const clock = new FakeClock();
    const log = new HeldLog();
    const { port } = await startParlor(t, { clock, log, maxInFlight: 4, heartbeatMs: HEARTBEAT_MS });
    const probe = await Peer.join(t, port);
    const peer = await Peer.join(t, port);
    const reading = (async () => {
      const acked: number[] = [];
      while (acked.length < 100) acked.push((await peer.next("ack")).seq);
      return acked;
    })();
    log.hold();
    for (let seq = 1; seq <= 100; seq++)
      peer.send({ type: "publish", room: "lobby", seq, body: "x".repeat(30_000) });
    await pass(clock, 60, probe);
    assert.equal(peer.socket.webSocket.readyState, 1, "it is still there");
    log.letGo();
    assert.equal((await reading).at(-1), 100);
  });

  test("[LIFE-8] a process that stood still takes nobody for dead", async (t) => {
    const { port } = await startParlor(t, { heartbeatMs: 200 });
    const peers = await Promise.all(Array.from({ length: 20 }, () => Peer.join(t, port)));
    for (let i = 0; i < 3; i++) {
      // Nothing runs for four heartbeats: no timer, no socket, neither here nor in the server.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
      for (const peer of peers) assert.deepEqual(await peer.untilPong(), []);
    }
  });

  test("[LIFE-9] a client's ping is answered with a pong, and its pong with nothing", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    peer.send({ type: "pong" }, { type: "pong" }, { type: "ping" });
    assert.deepEqual(await peer.next("pong"), { type: "pong" });
    assert.deepEqual(await peer.untilPong(), []);
  });
});
