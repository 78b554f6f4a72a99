import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { freshKey, Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";

const HELLO = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };

describe("hello", () => {
  test("[HELLO-58] is answered with who one is, the server's time, its heartbeat and every limit", async (t) => {
    const clock = new FakeClock();
    const { port } = await startParlor(t, { clock, heartbeatMs: 25_000 });
    const peer = await Peer.knock(t, port);
    const welcome = await peer.hello({ key: "a-secret-of-mine-0123456789" });
    const identity = createHash("sha256")
      .update("a-secret-of-mine-0123456789")
      .digest("base64url")
      .slice(0, 22);
    assert.deepEqual(welcome, {
      type: "welcome",
      version: 1,
      identity,
      now: clock.now(),
      heartbeatMs: 25_000,
      expiresInMs: null,
      limits: {
        maxBodyBytes: 65_536,
        maxFrameBytes: 262_144,
        maxRooms: 200,
        maxInFlight: 256,
        maxProfileBytes: 1_024,
        maxStateKeys: 1_000,
        maxStateBytes: 1_048_576,
        signalsPerSecond: 100,
      },
      producers: true,
    });
  });

  test("[HELLO-59] other frames before it are hello-first, what is no frame is bad-frame, and it can still come", async (t) => {
    const { port, log } = await startParlor(t);
    const peer = await Peer.knock(t, port);
    for (const frame of [
      { type: "publish", room: "lobby", seq: 1, body: 1 },
      { type: "subscribe", room: "lobby" },
      { type: "subscribe", room: ".." },
      { type: "history", id: 3, room: "lobby" },
      { type: "renew", token: "x" },
      { type: "ping" },
      { type: "dance" },
    ]) {
      peer.send(frame);
      const error = await peer.next("error");
      assert.deepEqual([error.code, error.to], ["hello-first", frame.type]);
    }
    for (const text of ["garbage", "[]", "{}", '{"type":7}']) {
      peer.sendText(text);
      assert.equal((await peer.next("error")).code, "bad-frame", text);
    }
    assert.equal((await log.head("lobby")).head, 0);
    await peer.hello({ key: freshKey() });
  });

  test("[HELLO-60] a pong before it is no fault: the server may have asked for it", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.knock(t, port);
    peer.send({ type: "pong" });
    await peer.hello({ key: freshKey() });
  });

  test("[HELLO-61] one that is wrong is told what is wrong, never the key, and may be sent again", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.knock(t, port);
    const wrong: [object, string][] = [
      [{ key: undefined }, "bad-frame"],
      [{ key: "x".repeat(21) }, "bad-frame"],
      [{ key: "x".repeat(65) }, "bad-frame"],
      [{ key: 7 }, "bad-frame"],
      [{ key: `${"x".repeat(30)}\ud800` }, "bad-frame"],
      [{ producer: "short12" }, "bad-frame"],
      [{ producer: "x".repeat(33) }, "bad-frame"],
      [{ producer: "with space" }, "bad-frame"],
      [{ producer: undefined }, "bad-frame"],
      [{ version: "1" }, "bad-frame"],
      [{ version: undefined }, "bad-frame"],
      [{ profile: "Ada" }, "bad-frame"],
      [{ profile: ["Ada"] }, "bad-frame"],
      [{ token: 7 }, "bad-frame"],
      [{ profile: { name: "x".repeat(1_014) } }, "too-large"],
    ];
    for (const [members, code] of wrong) {
      peer.send({ ...HELLO, ...members });
      const error = await peer.next("error");
      assert.deepEqual(
        [error.code, error.to, error.key],
        [code, "hello", undefined],
        JSON.stringify(members),
      );
      assert.equal(JSON.stringify(error).includes(HELLO.key), false);
    }
    await peer.hello({ key: "x".repeat(64), producer: "x".repeat(32), profile: { name: "x".repeat(1_013) } });
  });

  test("[HELLO-62] a version that is not spoken is told and closed 4500", async (t) => {
    const { port } = await startParlor(t);
    for (const version of [0, 2, -1, 1.5, 99]) {
      const peer = await Peer.knock(t, port);
      peer.send({ ...HELLO, version });
      const error = await peer.next("error");
      assert.deepEqual([error.code, error.to], ["version", "hello"]);
      assert.match(error.message, /version 1/);
      assert.equal((await peer.close()).code, 4500);
    }
  });

  test("[HELLO-63] a second one is bad-frame, of whatever version, and changes nothing", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    for (const again of [HELLO, { ...HELLO, version: 2 }, { ...HELLO, producer: "" }]) {
      const error = await peer.errorTo(JSON.stringify(again));
      assert.deepEqual([error.code, error.to], ["bad-frame", "hello"]);
    }
    await peer.publish("lobby", 1, "x");
    await peer.subscribe("lobby", { last: 1 });
    assert.equal((await peer.next("messages")).messages[0]?.from, peer.identity);
  });

  test("[HELLO-64] frames that follow it at once are taken in order, also while a hook decides", async (t) => {
    let decide: (answer: { identity: string }) => void = () => {};
    const { port } = await startParlor(t, {
      authenticate: () => new Promise((resolve) => (decide = resolve)),
    });
    const peer = await Peer.knock(t, port);
    peer.send(
      HELLO,
      { type: "publish", room: "lobby", seq: 1, body: "a" },
      { type: "subscribe", room: "lobby", last: 1 },
    );
    peer.send({ type: "publish", room: "lobby", seq: 2, body: "b" }, HELLO);
    // Sent behind them on the same server, so that they have arrived.
    const other = await Peer.knock(t, port);
    other.send({ type: "ping" });
    await other.next("error");
    decide({ identity: "ada" });
    const types = [];
    for (let i = 0; i < 6; i++) types.push((await peer.any()).type);
    assert.equal(types[0], "welcome");
    assert.deepEqual(types.filter((type) => type === "ack").length, 2);
    assert.ok(types.includes("subscribed"));
    assert.ok(types.includes("error"));
  });

  test("[HELLO-6] an outbox of any length may follow it while a hook decides, and holds little memory meanwhile", async (t) => {
    let decide: (answer: { identity: string }) => void = () => {};
    const { port } = await startParlor(t, {
      authenticate: () => new Promise((resolve) => (decide = resolve)),
    });
    const peer = await Peer.knock(t, port);
    peer.send(HELLO);
    const body = "x".repeat(20_000);
    for (let seq = 1; seq <= 1_500; seq++) peer.send({ type: "publish", room: "lobby", seq, body });
    const other = await Peer.knock(t, port);
    for (let i = 0; i < 100; i++) {
      other.send({ type: "ping" });
      await other.next("error");
    }
    assert.ok(peer.socket.webSocket.bufferedAmount > 10_000_000, "the rest waits with the client");
    decide({ identity: "ada" });
    await peer.next("welcome");
    for (let seq = 1; seq <= 1_500; seq++) assert.equal((await peer.next("ack")).seq, seq);
  });

  test("[HELLO-76] one that came in time is in time, however long a hook takes over it, and a hook that never answers is a refusal", async (t) => {
    const clock = new FakeClock();
    let decide: ((answer: { identity: string }) => void) | null = null;
    const { port } = await startParlor(t, {
      clock,
      heartbeatMs: 3_600_000,
      authenticate: () => new Promise((resolve) => (decide = resolve)),
    });
    const asked = async (peer: Peer): Promise<(answer: { identity: string }) => void> => {
      peer.send(HELLO);
      while (decide === null) await new Promise((resolve) => setImmediate(resolve));
      const own = decide;
      decide = null;
      return own;
    };
    const late = await Peer.knock(t, port);
    clock.advance(9_000);
    const decideLate = await asked(late);
    clock.advance(5_000);
    decideLate({ identity: "ada" });
    assert.equal((await late.next("welcome")).identity, "ada");
    const forgotten = await Peer.knock(t, port);
    await asked(forgotten);
    clock.advance(10_000);
    assert.equal((await forgotten.next("error")).code, "internal");
    assert.equal((await forgotten.close()).code, 1011);
  });

  test("[HELLO-65] without one within 10 s the connection is closed 4004, whatever else is said on it", async (t) => {
    const clock = new FakeClock();
    const { port } = await startParlor(t, { clock });
    const silent = await Peer.knock(t, port);
    const busy = await Peer.knock(t, port);
    const welcomed = await Peer.join(t, port);
    for (let second = 1; second <= 9; second++) {
      clock.advance(1_000);
      busy.send({ type: "ping" });
      assert.equal((await busy.next("error")).code, "hello-first");
    }
    clock.advance(1_500);
    assert.equal((await silent.close()).code, 4004);
    assert.equal((await busy.close()).code, 4004);
    assert.deepEqual(await welcomed.untilPong(), []);
  });
});
