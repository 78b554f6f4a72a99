import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SetUp, subscribed, WELCOME } from "../test/set-up.ts";
import type { ClientOptions, ClientRoom, PendingPublish } from "./index.ts";

const ACK = { type: "ack", room: "a" };
const REFUSED = { type: "refused", room: "a", message: "no" };

/** A welcomed client and its room `a`, that nobody subscribed to. */
function welcomed(options: ClientOptions = {}, welcome: object = {}) {
  const setUp = new SetUp(options);
  const room = setUp.client.room("a");
  setUp.client.reconnect();
  setUp.welcome(welcome);
  return { setUp, room };
}

/** Publishes bodies and collects what becomes of them, by body. */
function publishAll(room: ClientRoom, ...bodies: readonly unknown[]): Map<unknown, unknown> {
  const outcomes = new Map<unknown, unknown>();
  for (const body of bodies) {
    room.publish(body).then(
      (published) => outcomes.set(body, published),
      (error: { code: string; message: string }) => outcomes.set(body, `${error.code}: ${error.message}`),
    );
  }
  return outcomes;
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function publishesOf(setUp: SetUp): unknown[] {
  return setUp.far
    .take()
    .filter(({ type }) => type === "publish")
    .map(({ seq, afterSeq, body }) => (afterSeq === undefined ? [seq, body] : [seq, body, { afterSeq }]));
}

function states(outbox: readonly PendingPublish[]): unknown[] {
  return outbox.map(({ seq, state }) => [seq, state]);
}

describe("an outbox", () => {
  test("[CLIENT-6] a publish made before the client is connected goes out behind the welcome and fulfils with its offset", async () => {
    const setUp = new SetUp();
    const room = setUp.client.room("a");
    const promise = room.publish({ text: "hi" }, { re: 3 });
    assert.deepEqual(states(room.outbox), [[1, "waiting"]]);
    assert.equal(setUp.welcome().length, 1, "only hello before the welcome");
    assert.deepEqual(setUp.far.take(), [{ type: "publish", room: "a", seq: 1, re: 3, body: { text: "hi" } }]);
    assert.deepEqual(states(room.outbox), [[1, "sent"]]);
    setUp.far.say({ ...ACK, seq: 1, offset: 9 });
    assert.deepEqual(await promise, { epoch: "", offset: 9, seq: 1 });
    assert.deepEqual(room.outbox, []);
  });

  test("[CLIENT-6] the epoch is told where the room's is known", async () => {
    const { setUp, room } = welcomed();
    room.subscribe();
    setUp.far.say(subscribed("a", 4));
    const promise = room.publish("x");
    setUp.far.say({ ...ACK, seq: 1, offset: 5 });
    assert.equal((await promise).epoch, "e1");
  });

  test("[CLIENT-7] after a reconnect the unacked publishes go out again, in order, and duplicates count as stored", async () => {
    const { setUp, room } = welcomed();
    const outcomes = publishAll(room, "x", "y", "z");
    assert.deepEqual(publishesOf(setUp), [
      [1, "x"],
      [2, "y"],
      [3, "z"],
    ]);
    setUp.far.say({ ...ACK, seq: 1, offset: 9 });
    setUp.far.close();
    assert.deepEqual(
      room.outbox.map(({ state, mayBeStored }) => [state, mayBeStored]),
      [
        ["waiting", true],
        ["waiting", true],
      ],
    );
    setUp.comeBack();
    setUp.welcome();
    assert.deepEqual(publishesOf(setUp), [
      [2, "y"],
      [3, "z"],
    ]);
    setUp.far.say({ ...ACK, seq: 2, duplicate: true }, { ...ACK, seq: 3, offset: 11, duplicate: true });
    await settled();
    assert.deepEqual(
      [...outcomes.values()],
      [
        { epoch: "", offset: 9, seq: 1 },
        { epoch: "", offset: null, seq: 2 },
        { epoch: "", offset: 11, seq: 3 },
      ],
    );
  });

  test("[CLIENT-8] a permanent refusal rejects, stays visible, and those behind it go again over it", async () => {
    const { setUp, room } = welcomed();
    const outcomes = publishAll(room, "x", "bad", "z");
    publishesOf(setUp);
    setUp.far.say(
      { ...ACK, seq: 1, offset: 9 },
      { ...REFUSED, seq: 2, code: "forbidden", message: "Not here." },
      { ...REFUSED, seq: 3, code: "out-of-order", expected: 2 },
    );
    assert.deepEqual(publishesOf(setUp), [[3, "z", { afterSeq: 1 }]]);
    publishAll(room, "w");
    assert.deepEqual(publishesOf(setUp), [[4, "w"]], "it relies on the seq just before it again");
    await settled();
    assert.equal(outcomes.get("bad"), "forbidden: Not here.");
    const said = { body: "bad", code: "forbidden", message: "Not here.", mayBeStored: false };
    assert.deepEqual(room.refused, [{ id: 2, seq: 2, ...said }]);
    room.dismiss(2);
    assert.deepEqual(room.refused, []);
  });

  test("[CLIENT-8] a client whose first publishes are refused for good relies on nothing", () => {
    const { setUp, room } = welcomed();
    publishAll(room, "bad");
    publishesOf(setUp);
    setUp.far.say({ ...REFUSED, seq: 1, code: "bad-frame" });
    publishAll(room, "y");
    assert.deepEqual(publishesOf(setUp), [[2, "y", { afterSeq: 0 }]]);
  });

  test("[CLIENT-9] a refusal for now waits as long as the server says, and sends again from that seq in order", () => {
    const { setUp, room } = welcomed();
    publishAll(room, "x", "y", "z");
    publishesOf(setUp);
    setUp.far.say({ ...REFUSED, seq: 1, code: "rate-limited", retryAfterMs: 800 });
    setUp.far.say({ ...REFUSED, seq: 2, code: "out-of-order", expected: 1 });
    setUp.clock.advance(10_000);
    assert.deepEqual(publishesOf(setUp), [], "nothing goes out before the last answer is there");
    setUp.far.say({ ...REFUSED, seq: 3, code: "out-of-order", expected: 1 });
    assert.deepEqual(publishesOf(setUp), [[1, "x"]], "one, to see whether it is taken now");
    setUp.far.say({ ...ACK, seq: 1, offset: 9 });
    assert.deepEqual(publishesOf(setUp), [[2, "y"]]);
    setUp.far.say({ ...ACK, seq: 2, offset: 10 });
    assert.deepEqual(publishesOf(setUp), [[3, "z"]]);
  });

  test("[CLIENT-9] while it waits the refusal is shown, and the wait is the server's", () => {
    for (const code of ["rate-limited", "unavailable", "draining", "internal"]) {
      const { setUp, room } = welcomed();
      publishAll(room, "x");
      publishesOf(setUp);
      setUp.far.say({ ...REFUSED, seq: 1, code, retryAfterMs: 800 });
      assert.deepEqual(states(room.outbox), [[1, { refused: code, message: "no" }]]);
      setUp.clock.advance(799);
      assert.deepEqual(publishesOf(setUp), []);
      setUp.clock.advance(1);
      assert.deepEqual(publishesOf(setUp), [[1, "x"]]);
    }
  });

  test("[CLIENT-9] a server that names no time is asked again at growing intervals", () => {
    const { setUp, room } = welcomed();
    publishAll(room, "x");
    publishesOf(setUp);
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      setUp.far.say({ ...REFUSED, seq: 1, code: "internal" });
      let waitedMs = 0;
      while (publishesOf(setUp).length === 0 && waitedMs < 60_000) {
        setUp.clock.advance(10);
        waitedMs += 10;
      }
      waits.push(waitedMs);
    }
    assert.deepEqual(waits, [250, 500, 1_000, 2_000]);
  });

  test("[CLIENT-9] a rate is met with about as many refusals as acks", () => {
    const { setUp, room } = welcomed({}, { limits: { maxInFlight: 256 } });
    publishAll(room, ...Array.from({ length: 300 }, (_, i) => i));
    let [tokens, last, refusals, acks] = [10, 0, 0, 0];
    for (let turn = 0; turn < 20_000 && room.outbox.length > 0; turn++) {
      for (const { type, seq } of setUp.far.take()) {
        if (type !== "publish") continue;
        if (seq !== last + 1) {
          refusals += 1;
          setUp.far.say({ ...REFUSED, seq, code: "out-of-order", expected: last + 1 });
        } else if (tokens < 1) {
          refusals += 1;
          setUp.far.say({ ...REFUSED, seq, code: "rate-limited", retryAfterMs: 50 });
        } else {
          tokens -= 1;
          acks += 1;
          last += 1;
          setUp.far.say({ ...ACK, seq, offset: seq });
        }
      }
      setUp.clock.advance(10);
      tokens = Math.min(10, tokens + 0.2);
    }
    assert.equal(acks, 300);
    assert.ok(refusals < 256 + 300 * 1.1, `${refusals} refusals for ${acks} acks`);
  });

  test("[CLIENT-10] no more than maxInFlight publishes are unanswered over all rooms, and none starves", () => {
    const { setUp, room } = welcomed({}, { limits: { maxInFlight: 2 } });
    const other = setUp.client.room("b");
    publishAll(room, "x", "y", "z");
    publishAll(other, "v");
    assert.deepEqual(publishesOf(setUp), [
      [1, "x"],
      [2, "y"],
    ]);
    setUp.far.say({ ...ACK, seq: 1, offset: 1 }, { ...ACK, seq: 2, offset: 2 });
    assert.deepEqual(publishesOf(setUp), [
      [3, "z"],
      [1, "v"],
    ]);
  });

  test("[CLIENT-10] a room with much to say leaves the others their turns", () => {
    const { setUp, room } = welcomed({}, { limits: { maxInFlight: 1 } });
    publishAll(room, "x", "y", "z");
    publishAll(setUp.client.room("b"), "v");
    const order: unknown[] = [];
    for (let turn = 0; turn < 4; turn++) {
      for (const { type, room: name, seq, body } of setUp.far.take()) {
        if (type !== "publish") continue;
        order.push(body);
        setUp.far.say({ type: "ack", room: name, seq, offset: turn + 1 });
      }
    }
    assert.deepEqual(order, ["x", "y", "v", "z"]);
  });

  test("[CLIENT-11] an unknown producer that dropped no ack sends again from its first seq", () => {
    const { setUp, room } = welcomed();
    publishAll(room, "x", "y");
    publishesOf(setUp);
    setUp.far.say({ ...REFUSED, seq: 1, code: "rate-limited", retryAfterMs: 100 });
    setUp.far.say({ ...REFUSED, seq: 2, code: "unknown-producer" });
    setUp.clock.advance(100);
    assert.deepEqual(publishesOf(setUp), [[1, "x"]]);
  });

  test("[CLIENT-11] an unknown producer that dropped acks and is certain of the rest starts from nothing", () => {
    const { setUp, room } = welcomed();
    publishAll(room, "x");
    setUp.far.say({ ...ACK, seq: 1, offset: 1 });
    publishAll(room, "y");
    publishesOf(setUp);
    setUp.far.say({ ...REFUSED, seq: 2, code: "unknown-producer" });
    assert.deepEqual(publishesOf(setUp), [[2, "y", { afterSeq: 0 }]]);
  });

  test("[CLIENT-11] a history that went back is followed: the next publish relies on what the server still has", () => {
    const { setUp, room } = welcomed();
    publishAll(room, "x", "y", "z");
    setUp.far.say({ ...ACK, seq: 1, offset: 1 }, { ...ACK, seq: 2, offset: 2 });
    publishesOf(setUp);
    setUp.far.say({ ...REFUSED, seq: 3, code: "out-of-order", expected: 2 });
    assert.deepEqual(publishesOf(setUp), [[3, "z", { afterSeq: 1 }]]);
  });

  test("[CLIENT-12] a full outbox rejects in words and takes nothing", async () => {
    const { room } = welcomed({ maxOutboxCount: 2 });
    const outcomes = publishAll(room, "x", "y", "z");
    await settled();
    assert.match(String(outcomes.get("z")), /^unavailable: The outbox is full: 2 publishes of 6 bytes/);
    assert.equal(room.outbox.length, 2);

    const small = welcomed({ maxOutboxBytes: 10 }).room;
    const bytes = publishAll(small, "12345678", "1");
    await settled();
    assert.match(String(bytes.get("1")), /^unavailable: /);
  });

  test("[CLIENT-12] room is there again once publishes are acked", () => {
    const { setUp, room } = welcomed({ maxOutboxCount: 1 });
    publishAll(room, "x");
    setUp.far.say({ ...ACK, seq: 1, offset: 1 });
    publishAll(room, "y");
    assert.deepEqual(states(room.outbox), [[2, "sent"]]);
  });

  test("[CLIENT-13] close rejects what is pending and says whether it may have been stored", async () => {
    const setUp = new SetUp();
    const room = setUp.client.room("a");
    const never = publishAll(room, "never sent");
    setUp.client.close();
    await settled();
    assert.equal(never.get("never sent"), "closed: The client was closed. The publish was not stored.");

    const second = welcomed();
    const sent = publishAll(second.room, "sent");
    second.setUp.client.close();
    const after = publishAll(second.room, "after");
    await settled();
    assert.equal(
      sent.get("sent"),
      "closed: The client was closed. The publish may or may not have been stored.",
    );
    assert.equal(after.get("after"), "closed: The client was closed.");
    assert.equal(second.room.refused.length, 1);
  });

  test("[CLIENT-13] publishes that a server which turned the client away can't take are rejected with its words", async () => {
    const { setUp, room } = welcomed();
    const outcomes = publishAll(room, "x");
    setUp.far.close({ code: 4501, reason: "Go away." });
    await settled();
    assert.equal(outcomes.get("x"), "forbidden: Go away. The publish may or may not have been stored.");
  });

  test("[CLIENT-8] a permanent refusal after an unanswered sending says that the message may be stored", async () => {
    const { setUp, room } = welcomed();
    const outcomes = publishAll(room, "x");
    setUp.far.close();
    setUp.comeBack();
    setUp.welcome();
    setUp.far.say({ ...REFUSED, seq: 1, code: "forbidden", message: "Not any more." });
    await settled();
    assert.equal(outcomes.get("x"), "forbidden: Not any more. An earlier sending may have been stored.");
  });

  test("[CLIENT-7] a server that said bye is sent no more publishes; the next connection is", () => {
    const { setUp, room } = welcomed();
    setUp.far.say({ type: "bye", code: "draining", retryAfterMs: 100 });
    publishAll(room, "x");
    assert.deepEqual(publishesOf(setUp), []);
    setUp.far.close({ code: 1001 });
    setUp.clock.advance(100);
    setUp.welcome();
    assert.deepEqual(publishesOf(setUp), [[1, "x"]]);
  });

  test("[CLIENT-7] an answer to a publish that nobody made changes nothing", () => {
    const { setUp, room } = welcomed();
    publishAll(room, "x");
    setUp.far.say({ ...ACK, seq: 7, offset: 1 }, { ...REFUSED, seq: 8, code: "forbidden" });
    setUp.far.say({ ...ACK, room: "nowhere", seq: 1, offset: 1 });
    assert.deepEqual(states(room.outbox), [[1, "sent"]]);
  });

  test("[CLIENT-8] an error that answers a publish is a refusal of it", async () => {
    const { setUp, room } = welcomed();
    const outcomes = publishAll(room, "x");
    setUp.far.say({
      type: "error",
      to: "publish",
      room: "a",
      seq: 1,
      code: "unknown-frame",
      message: "What?",
    });
    await settled();
    assert.equal(outcomes.get("x"), "unknown-frame: What?");
  });

  test("[CLIENT-6] the body is taken as it is at the call, and ids stay the same to the end", () => {
    const { setUp, room } = welcomed();
    const body = { n: 1 };
    publishAll(room, body);
    body.n = 2;
    assert.deepEqual(publishesOf(setUp), [[1, { n: 1 }]]);
    assert.deepEqual(room.outbox[0]?.body, { n: 1 });
    assert.equal(room.outbox, room.outbox, "the list is the same until it changes");
  });

  test("[CLIENT-6] an offset that re names must be one", async () => {
    const { room } = welcomed();
    await assert.rejects(room.publish("x", { re: 0 }), { code: "bad-frame" });
    await assert.rejects(room.publish("x", { re: 1.5 }), { code: "bad-frame" });
  });

  test("[CLIENT-7] another identity at the next welcome makes the client read before it sends again", async () => {
    const { setUp, room } = welcomed();
    const outcomes = publishAll(room, "x", "y");
    setUp.far.close();
    setUp.comeBack();
    setUp.welcome({ ...WELCOME, identity: "somebody-else" });
    const asked = setUp.far.take();
    assert.deepEqual(asked, [{ type: "history", id: 1, room: "a", limit: 500 }]);
    const own = { offset: 5, from: WELCOME.identity, producer: "producer-1", seq: 1, at: 0, body: "x" };
    setUp.far.say({
      type: "history",
      id: 1,
      room: "a",
      epoch: "e1",
      earliest: 1,
      messages: [own],
      more: false,
    });
    assert.deepEqual(publishesOf(setUp), [[2, "y", { afterSeq: 0 }]]);
    await settled();
    assert.deepEqual(outcomes.get("x"), { epoch: "e1", offset: 5, seq: 1 });
  });
});
