import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { FakeClock, until } from "@parlor/testkit";
import { Browser, settle } from "../../test/kept-pages.ts";
import { closePages, DAY_MS, deadPage, KeptStage, PATIENCE_MS } from "../../test/kept-stage.ts";
import { KEPT_LIMITS } from "./record-writer.ts";
import { StorageFault } from "./storage-fault.ts";

describe("what an outbox on disk keeps, and for whom", () => {
  afterEach(closePages);

  test("[OUTBOX-5] another person's publishes are neither shown nor sent, and lie there for who wrote them", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    await deadPage(browser, clock, ["private"]);
    const stranger = await new KeptStage(browser, clock, { key: "s".repeat(43) }).begin("stranger");
    const changed = await new KeptStage(browser, clock).begin("somebody else");
    await settle(60);
    assert.deepEqual(stranger.room.outbox, []);
    assert.deepEqual(changed.room.outbox, []);
    // Nor does one of them say a hello as the producer that wrote them.
    for (const { transport } of [stranger, changed]) assert.equal(transport.connections.length, 1);
    const back = await new KeptStage(browser, clock).begin();
    assert.equal((await back.takenOver()).length, 1);
  });

  test("[OUTBOX-5] what nobody came back for in 90 days is forgotten by whoever else comes", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    await deadPage(browser, clock, ["private"]);
    clock.advance(89 * DAY_MS);
    await new KeptStage(browser, clock, { key: "s".repeat(43) }).begin("stranger");
    await settle(60);
    assert.equal((await browser.records()).length, 1);
    clock.advance(2 * DAY_MS);
    await new KeptStage(browser, clock, { key: "s".repeat(43) }).begin("stranger");
    assert.ok(await until(async () => (await browser.records()).length === 0, PATIENCE_MS));
  });

  test("[OUTBOX-5] with tokens nothing is shown before a welcome says who is here", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    await deadPage(browser, clock, ["private"]);
    const stage = new KeptStage(browser, clock, { token: () => "t" });
    stage.publish("mine");
    await settle(60);
    assert.deepEqual(
      stage.room.outbox.map(({ body }) => body),
      ["mine"],
    );
    await stage.welcome();
    assert.ok(await until(() => stage.room.outbox.length === 2, PATIENCE_MS));
    assert.deepEqual(
      stage.room.outbox.map(({ body }) => body),
      ["private", "mine"],
    );
  });

  test("[OUTBOX-6] where the disk is full, fails or does not answer, publishes go out all the same, and the client says that they are in memory", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    const stage = await new KeptStage(browser, clock).begin();
    for (const [index, [fault, code]] of (
      [
        [new StorageFault("quota", "It is full."), "quota"],
        [new StorageFault("storage", "It is broken."), "storage"],
      ] as const
    ).entries()) {
      browser.fault = fault;
      stage.publish("one");
      assert.deepEqual(await stage.sent(1), [index + 1]);
      assert.deepEqual(stage.page.outboxStorage, { kind: "memory", code, reason: fault.message });
      browser.fault = null;
      stage.ack(index + 1, 8 + index);
      assert.deepEqual(stage.page.outboxStorage, { kind: "disk" }, "nothing waits that is not there");
    }
    browser.isSilent = true;
    stage.publish("three");
    await settle();
    clock.advance(3_000);
    assert.deepEqual(await stage.sent(1), [3]);
    assert.match(JSON.stringify(stage.page.outboxStorage), /does not answer/);
  });

  test("[OUTBOX-7] what waited for more than 30 days is not sent any more, but shown", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    await deadPage(browser, clock, ["old"]);
    clock.setWall(clock.now() + 30 * DAY_MS + 1);
    const stage = await new KeptStage(browser, clock).begin();
    assert.ok(await until(() => stage.room.refused.length === 1, PATIENCE_MS));
    const [{ code, message, body } = {}] = stage.room.refused;
    assert.deepEqual([code, body], ["too-old", "old"]);
    assert.match(message ?? "", /30 days. It may have been sent/);
    assert.deepEqual(stage.room.outbox, []);
  });

  test("[OUTBOX-7] what is kept is bounded in number and bytes, and what is beyond goes out from memory", async () => {
    for (const limits of [
      { maxCount: 3, maxBytes: Infinity },
      { maxCount: Infinity, maxBytes: 9 },
    ]) {
      const browser = new Browser();
      browser.limits = limits;
      const stage = await new KeptStage(browser, new FakeClock()).begin();
      stage.publish("1", "2", "3", "4");
      assert.deepEqual(await stage.sent(4), [1, 2, 3, 4]);
      assert.match(JSON.stringify(stage.page.outboxStorage), /too-many.*3 publishes of 9 bytes/);
      assert.equal((await browser.records()).length, 3);
    }
    assert.deepEqual(KEPT_LIMITS, { maxCount: 5_000, maxBytes: 32 * 1_024 * 1_024 });
  });

  test("[OUTBOX-8] a client that is closed leaves nothing of its own, and to others what it took over", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    const dead = await deadPage(browser, clock, ["left"]);
    const stage = await new KeptStage(browser, clock).begin();
    await stage.takenOver();
    stage.publish("own");
    const count = async (): Promise<number> => (await browser.records()).length;
    assert.ok(await until(async () => (await count()) === 2, PATIENCE_MS));
    stage.page.close();
    assert.ok(await until(async () => (await count()) === 1, PATIENCE_MS));
    assert.equal((await browser.records())[0]?.producer, dead);
    const next = await new KeptStage(browser, clock).begin();
    assert.equal((await next.takenOver())[0]?.producer, dead);
  });
});
