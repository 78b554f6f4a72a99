import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { freshKey, Peer, TextSocket } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { post } from "./support/rest.ts";

/** Publishes `count` in one go, and says how many were stored and what the first refusal was. */
async function burst(
  peer: Peer,
  count: number,
  from: number,
  room = "lobby",
): Promise<{ stored: number; retryAfterMs: number | undefined }> {
  for (let seq = from; seq < from + count; seq++)
    peer.send({ type: "publish", room, seq, afterSeq: 0, body: seq });
  let stored = 0;
  let retryAfterMs: number | undefined;
  for (let i = 0; i < count; i++) {
    const answer = await peer.any();
    if (answer.type === "ack") stored += 1;
    else {
      assert.ok(answer.type === "refused" && answer.code === "rate-limited", JSON.stringify(answer));
      retryAfterMs ??= answer.retryAfterMs;
    }
  }
  return { stored, retryAfterMs };
}

/** Rounded up, and never too short. */
function isHalfASecond(ms: number | undefined): boolean {
  return ms === 500 || ms === 501;
}

describe("rates", () => {
  test("[GROW-1] an identity has five seconds' worth at once, then the rate, over all its connections and rooms (O16)", async (t) => {
    const clock = new FakeClock();
    const { port, log } = await startParlor(t, { clock, publishPerSecond: 20 });
    const key = freshKey();
    const one = await Peer.join(t, port, { key, producer: "producer-1" });
    const two = await Peer.join(t, port, { key, producer: "producer-2" });
    assert.equal((await burst(one, 60, 1)).stored, 60);
    const over = await burst(two, 60, 1, "other");
    const waitMs = over.retryAfterMs ?? 0;
    assert.ok(over.stored === 40 && waitMs >= 50 && waitMs <= 51, JSON.stringify(over));
    clock.advance(49);
    assert.equal((await burst(one, 1, 61)).stored, 0);
    clock.advance(waitMs - 49);
    assert.equal((await burst(one, 5, 62)).stored, 1);
    clock.advance(1_000);
    assert.equal((await burst(two, 40, 100)).stored, 20);
    assert.equal((await log.head("lobby")).head + (await log.head("other")).head, 121);
    // Others are not touched.
    const bob = await Peer.join(t, port);
    assert.equal((await burst(bob, 100, 1)).stored, 100);
  });

  test("[GROW-2] an address has five times as much, however many identities it makes, on every transport", async (t) => {
    const clock = new FakeClock();
    const { port, origin } = await startParlor(t, { clock, publishPerSecond: 2 });
    let stored = 0;
    for (let i = 0; i < 6; i++) {
      const peer = await Peer.join(t, port);
      stored += (await burst(peer, 12, 1)).stored;
    }
    // Ten for each identity, fifty for the address.
    assert.equal(stored, 50);
    assert.equal((await post(`${origin}/rooms/lobby/messages`, "1")).status, 429);
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/lobby?last=0`);
    plain.sendText("x");
    assert.equal(((await plain.json())["error"] as { code: string }).code, "rate-limited");
    const elsewhere = await Peer.join(t, port, {}, { localAddress: "127.0.0.3" });
    assert.equal((await burst(elsewhere, 10, 1)).stored, 10);
    clock.advance(100);
    assert.equal((await post(`${origin}/rooms/lobby/messages`, "1")).status, 201);
  });

  test("[GROW-58] a duplicate costs nothing, even where nothing is left, and a refusal is not stored", async (t) => {
    const clock = new FakeClock();
    const { port, log } = await startParlor(t, { clock, publishPerSecond: 1 });
    const peer = await Peer.join(t, port);
    for (let seq = 1; seq <= 5; seq++) await peer.publish("lobby", seq, seq);
    for (let i = 0; i < 50; i++) {
      assert.equal((await peer.publish("lobby", 5, 5)).duplicate, true);
      assert.equal((await peer.publish("lobby", 2, 2)).duplicate, true);
      peer.send({ type: "publish", room: "lobby", seq: 6, body: 6 });
      assert.equal((await peer.next("refused")).code, "rate-limited");
    }
    assert.equal((await log.head("lobby")).head, 5);
    clock.advance(1_000);
    assert.equal((await peer.publish("lobby", 6, 6)).offset, 6);
  });

  test("[GROW-59] publishes that are refused for what they are cost nothing either", async (t) => {
    const clock = new FakeClock();
    const { port } = await startParlor(t, { clock, publishPerSecond: 1, maxBodyBytes: 50 });
    const peer = await Peer.join(t, port);
    await peer.publish("lobby", 1, 1);
    for (let i = 0; i < 20; i++) {
      for (const frame of [{ seq: 9, body: 1 }, { seq: 2, body: "x".repeat(60) }, { seq: 2 }]) {
        peer.send({ type: "publish", room: "lobby", ...frame });
        assert.notEqual((await peer.next("refused")).code, "rate-limited");
      }
    }
    for (let seq = 2; seq <= 5; seq++) await peer.publish("lobby", seq, seq);
  });

  test("[GROW-3] new producers are 60 at once, then 2 a second; known ones are not touched", async (t) => {
    const clock = new FakeClock();
    const { port, log } = await startParlor(t, { clock, publishPerSecond: 100 });
    const peer = await Peer.join(t, port);
    const intoNewRooms = async (from: number, count: number): Promise<number> => {
      for (let i = from; i < from + count; i++)
        peer.send({ type: "publish", room: `room ${i}`, seq: 1, body: 1 });
      let stored = 0;
      for (let i = 0; i < count; i++) {
        const answer = await peer.any();
        if (answer.type === "ack") stored += 1;
        else
          assert.ok(
            answer.type === "refused" && answer.code === "rate-limited" && isHalfASecond(answer.retryAfterMs),
          );
      }
      return stored;
    };
    assert.equal(await intoNewRooms(0, 70), 60);
    assert.equal((await peer.publish("room 0", 2, "known")).offset, 2);
    clock.advance(501);
    assert.equal(await intoNewRooms(100, 3), 1);
    // A refused publish has made no row: the rooms that were refused are not there.
    assert.equal((await log.rooms("", 500)).length, 61);
  });

  test("[GROW-60] identities that the host authenticated may have as many producers as they publish", async (t) => {
    const clock = new FakeClock();
    const { port } = await startParlor(t, {
      clock,
      publishPerSecond: 100,
      authenticate: ({ token }) => ({ identity: token ?? "nobody" }),
    });
    const peer = await Peer.join(t, port, { token: "ada" });
    for (let i = 0; i < 200; i++) await peer.publish(`room ${i}`, 1, 1);
  });

  test("[GROW-4] Infinity turns both off", async (t) => {
    const { port } = await startParlor(t, { clock: new FakeClock(), publishPerSecond: Infinity });
    const peer = await Peer.join(t, port);
    for (let i = 0; i < 700; i++) peer.send({ type: "publish", room: `room ${i}`, seq: 1, body: 1 });
    for (let i = 0; i < 700; i++) await peer.next("ack");
  });

  test("[GROW-61] who goes on after a thousand refusals is closed 4003, and others are not touched", async (t) => {
    const { port } = await startParlor(t, { clock: new FakeClock(), publishPerSecond: 1 });
    const flooder = await Peer.join(t, port);
    const other = await Peer.join(t, port, {}, { localAddress: "127.0.0.4" });
    for (let i = 0; i < 3_000; i++)
      flooder.send({ type: "publish", room: "lobby", seq: 6 + i, afterSeq: 0, body: 1 });
    assert.equal((await flooder.close()).code, 4003);
    for (let seq = 1; seq <= 5; seq++) await other.publish("lobby", seq, seq);
  });

  test("[GROW-75] of publishes that may not be made a thousand are looked up, and duplicates cost none of it", async (t) => {
    let isLocked = false;
    const authorize = (): boolean => !isLocked;
    const { port, log } = await startParlor(t, { clock: new FakeClock(), authorize });
    const peer = await Peer.join(t, port);
    await peer.publish("lobby", 1, "stored");
    isLocked = true;
    const ask = async (seq: number): Promise<unknown> => {
      peer.send({ type: "publish", room: "lobby", seq, afterSeq: 0, body: 1 });
      const answer = await peer.next(seq === 1 ? "ack" : "refused");
      return answer.type === "refused" ? [answer.code, answer.retryAfterMs ?? null] : answer.duplicate;
    };
    for (let i = 0; i < 5; i++) assert.equal(await ask(1), true);
    for (let i = 0; i < 1_000; i++) assert.deepEqual(await ask(2 + i), ["forbidden", null]);
    assert.deepEqual(await ask(2_000), ["rate-limited", 20]);
    assert.equal((await log.head("lobby")).head, 1);
  });
});
