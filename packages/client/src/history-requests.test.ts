import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SetUp } from "../test/set-up.ts";

const PAGE = { type: "history", room: "a", epoch: "e1", earliest: 1, messages: [], more: false };

function welcomed() {
  const setUp = new SetUp();
  const room = setUp.client.room("a");
  setUp.client.reconnect();
  setUp.welcome();
  return { setUp, room };
}

describe("history", () => {
  test("[CLIENT-24] pages go to the questions with their ids, in whatever order they come", async () => {
    const { setUp, room } = welcomed();
    const first = room.history({ before: 10, limit: 5, related: true });
    const second = room.history();
    assert.deepEqual(setUp.far.take(), [
      { type: "history", id: 1, room: "a", before: 10, limit: 5, related: true },
      { type: "history", id: 2, room: "a" },
    ]);
    setUp.far.say({ ...PAGE, id: 2 }, { ...PAGE, id: 1, more: true }, { ...PAGE, id: 9 });
    assert.equal((await first).more, true);
    assert.equal((await second).more, false);
  });

  test("[CLIENT-24] what a lost connection left unanswered is asked again, right behind the hello", async () => {
    const { setUp, room } = welcomed();
    const page = room.history();
    setUp.far.close();
    setUp.comeBack();
    assert.deepEqual(setUp.welcome()[1], { type: "history", id: 1, room: "a" });
    setUp.far.say({ ...PAGE, id: 1 });
    assert.equal((await page).id, 1);
  });

  test("[CLIENT-24] at most 8 are under way and at most 256 are open", async () => {
    const { setUp, room } = welcomed();
    const pages = Array.from({ length: 256 }, () => room.history());
    assert.equal(setUp.far.take().length, 8);
    await assert.rejects(room.history(), { code: "unavailable" });
    for (let id = 1; id <= 256; id++) setUp.far.say({ ...PAGE, id });
    assert.equal((await Promise.all(pages)).length, 256);
    assert.equal(setUp.far.take().length, 248);
  });

  test("[CLIENT-24] a refusal rejects with the server's code and time", async () => {
    const { setUp, room } = welcomed();
    const page = room.history();
    setUp.far.say({
      type: "error",
      to: "history",
      id: 1,
      code: "rate-limited",
      message: "Slow.",
      retryAfterMs: 9,
    });
    await assert.rejects(page, { code: "rate-limited", message: "Slow.", retryAfterMs: 9 });
  });

  test("[CLIENT-24] the end of the client rejects what is open, and what comes after", async () => {
    const { setUp, room } = welcomed();
    const page = room.history();
    setUp.client.close();
    await assert.rejects(page, { code: "closed" });
    await assert.rejects(room.history(), { code: "closed" });
  });

  test("[CLIENT-24] a question that makes no sense is not asked", async () => {
    const { room } = welcomed();
    await assert.rejects(room.history({ before: -1 }), { code: "bad-option" });
    await assert.rejects(room.history({ limit: 0 }), { code: "bad-option" });
    await assert.rejects(room.history({ limit: 501 }), { code: "bad-option" });
  });
});
