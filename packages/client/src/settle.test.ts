import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { IDENTITY, SetUp, subscribed } from "../test/set-up.ts";

const HISTORY = { type: "history", room: "a", epoch: "e1", earliest: 1, more: false };
const REFUSED = { type: "refused", room: "a", code: "unknown-producer", message: "Who?" };

function own(offset: number, seq: number, over: object = {}): object {
  return { offset, from: IDENTITY, producer: "producer-1", seq, at: 0, body: null, ...over };
}

/**
 * A client that joined behind offset 9, had seq 1 acked, lost its connection with 2 and 3 under way, came
 * back, and is not known any more.
 */
function forgotten() {
  const setUp = new SetUp();
  const room = setUp.client.room("a");
  room.subscribe();
  setUp.welcome();
  setUp.far.say(subscribed("a", 9));
  const fates: unknown[] = [];
  for (const body of ["x", "y", "z"]) {
    room.publish(body).then(
      (published) => fates.push([body, published.offset, published.epoch]),
      (error: { code: string }) => fates.push([body, error.code]),
    );
  }
  setUp.far.say({ type: "ack", room: "a", seq: 1, offset: 10 });
  setUp.far.close();
  setUp.comeBack();
  setUp.welcome();
  setUp.far.take();
  setUp.far.say({ ...REFUSED, seq: 2 }, { ...REFUSED, seq: 3 });
  return { setUp, room, fates };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("settling", () => {
  test("[CLIENT-11] what is found in the room is stored, what is not goes out again, relying on nothing", async () => {
    const { setUp, fates } = forgotten();
    assert.deepEqual(setUp.far.take(), [{ type: "history", id: 1, room: "a", limit: 500 }]);
    const others = [own(12, 3, { from: "another" }), own(13, 3, { producer: "producer-2" })];
    setUp.far.say({ ...HISTORY, id: 1, messages: [own(10, 1), own(11, 2), ...others] });
    assert.deepEqual(setUp.far.take(), [{ type: "publish", room: "a", seq: 3, afterSeq: 0, body: "z" }]);
    setUp.far.say({ type: "ack", room: "a", seq: 3, offset: 14 });
    await settled();
    assert.deepEqual(fates, [
      ["x", 10, "e1"],
      ["y", 11, "e1"],
      ["z", 14, "e1"],
    ]);
  });

  test("[CLIENT-11] it reads page after page, back to where the room stood at the first sending, and no further", () => {
    const { setUp } = forgotten();
    setUp.far.take();
    setUp.far.say({ ...HISTORY, id: 1, messages: [own(30, 99, { from: "b" })], more: true });
    assert.deepEqual(setUp.far.take(), [{ type: "history", id: 2, room: "a", before: 30, limit: 500 }]);
    setUp.far.say({ ...HISTORY, id: 2, messages: [own(10, 99, { from: "b" })], more: true });
    assert.deepEqual(
      setUp.far.take().map(({ type, seq, afterSeq }) => [type, seq, afterSeq]),
      [
        ["publish", 2, 0],
        ["publish", 3, undefined],
      ],
    );
  });

  test("[CLIENT-11] where the stretch is not kept any more, nothing is sent and the doubt is told", async () => {
    const { setUp, room, fates } = forgotten();
    setUp.far.say({ ...HISTORY, id: 1, earliest: 20, messages: [own(20, 99, { from: "b" })] });
    await settled();
    assert.deepEqual(fates.slice(1), [
      ["y", "unsettled"],
      ["z", "unsettled"],
    ]);
    assert.match(room.refused[0]?.message ?? "", /may have been stored/);
    assert.deepEqual(room.outbox, []);
  });

  test("[CLIENT-11] in another epoch the whole room is read, and found is still found", async () => {
    const { setUp, fates } = forgotten();
    setUp.far.take();
    setUp.far.say({ ...HISTORY, id: 1, epoch: "e2", messages: [own(4, 3)], more: true });
    assert.deepEqual(setUp.far.take(), [{ type: "history", id: 2, room: "a", before: 4, limit: 500 }]);
    setUp.far.say({ ...HISTORY, id: 2, epoch: "e2", messages: [own(3, 2)] });
    await settled();
    assert.deepEqual(fates.slice(1), [
      ["y", 3, "e2"],
      ["z", 4, "e2"],
    ]);
  });

  test("[CLIENT-11] a room that is replaced while it is read is read anew", () => {
    const { setUp } = forgotten();
    setUp.far.take();
    setUp.far.say({ ...HISTORY, id: 1, messages: [own(30, 3)], more: true });
    setUp.far.take();
    setUp.far.say({ ...HISTORY, id: 2, epoch: "e2", messages: [] });
    assert.deepEqual(setUp.far.take(), [{ type: "history", id: 3, room: "a", limit: 500 }]);
    setUp.far.say({ ...HISTORY, id: 3, epoch: "e2", messages: [] });
    assert.equal(setUp.far.take().length, 2, "nothing of it is stored there, so both go out");
  });

  test("[CLIENT-11] a page that can't be read now is asked for again, one that may not be read leaves the doubt", async () => {
    const { setUp, fates } = forgotten();
    setUp.far.take();
    const error = { type: "error", to: "history", room: "a", message: "no" };
    setUp.far.say({ ...error, id: 1, code: "unavailable", retryAfterMs: 400 });
    assert.deepEqual(setUp.far.take(), []);
    setUp.clock.advance(400);
    assert.deepEqual(setUp.far.take(), [{ type: "history", id: 2, room: "a", limit: 500 }]);
    setUp.far.say({ ...error, id: 2, code: "forbidden" });
    await settled();
    assert.equal(fates.length, 3);
  });

  test("[CLIENT-11] settling goes on after a lost connection, and nothing is sent meanwhile", () => {
    const { setUp, room } = forgotten();
    setUp.far.close();
    setUp.comeBack();
    const greeting = setUp.welcome();
    assert.deepEqual(greeting.at(-1), { type: "history", id: 1, room: "a", limit: 500 });
    room.publish("w").catch(() => undefined);
    assert.deepEqual(setUp.far.take(), []);
    setUp.far.say({ ...HISTORY, id: 1, messages: [own(11, 2), own(12, 3)] });
    assert.deepEqual(setUp.far.take(), [{ type: "publish", room: "a", seq: 4, afterSeq: 0, body: "w" }]);
  });

  test("[CLIENT-13] closing while settling rejects what is not settled", async () => {
    const { setUp, fates } = forgotten();
    setUp.client.close();
    await settled();
    assert.deepEqual(fates.slice(1), [
      ["y", "closed"],
      ["z", "closed"],
    ]);
  });
});
