import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { FakeClock, until } from "@parlor/testkit";
import { Browser, settle } from "../../test/kept-pages.ts";
import { closePages, DAY_MS, deadPage, KeptStage, PATIENCE_MS } from "../../test/kept-stage.ts";
import { messages, subscribed } from "../../test/set-up.ts";

describe("an outbox on disk", () => {
  afterEach(closePages);

  test("[OUTBOX-1] a publish is sent once its record is on disk, with identity and position, and removed when it is acked", async () => {
    const browser = new Browser();
    const stage = await new KeptStage(browser, new FakeClock()).begin();
    stage.publish("one");
    assert.deepEqual(stage.transport.last.take(), [], "it waits for the disk");
    assert.deepEqual(await stage.sent(1), [1]);
    const [record] = await browser.records();
    assert.equal(record?.producer, stage.page.producer);
    assert.deepEqual([record?.seq, record?.json, record?.sentAs], [1, '"one"', "ada"]);
    assert.deepEqual(record?.sentBehind, { epoch: "e1", offset: 7 });
    stage.ack(1, 8);
    assert.ok(await until(async () => (await browser.records()).length === 0, PATIENCE_MS));
    assert.deepEqual(stage.page.outboxStorage, { kind: "disk" });
  });

  test("[OUTBOX-1] what was written without a connection is told as whom it goes out before it does", async () => {
    const browser = new Browser();
    const stage = new KeptStage(browser, new FakeClock());
    stage.publish("one");
    const isKept = async (sentAs: string): Promise<boolean> =>
      (await browser.records())[0]?.sentAs === sentAs;
    assert.ok(await until(async () => await isKept(""), PATIENCE_MS));
    await stage.welcome();
    assert.deepEqual(await stage.sent(1), [1]);
    assert.ok(await isKept("ada"));
  });

  test("[OUTBOX-2] the next page sends what a dead one left, as that one's producer and in order, and its own behind it", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    const dead = await deadPage(browser, clock, ["one", "two", "three"], 1);
    const stage = await new KeptStage(browser, clock).begin();
    const published: unknown[] = [];
    stage.room.on("published", ({ seq, offset, producer }) => published.push([seq, offset, producer]));
    const pending = await stage.takenOver();
    assert.deepEqual(
      pending.map(({ id, seq, body, producer, mayBeStored }) => [id, seq, body, producer, mayBeStored]),
      [
        [-1, 2, "two", dead, true],
        [-2, 3, "three", dead, true],
      ],
    );
    stage.publish("four");
    assert.equal(await stage.welcome(), dead);
    const frames = stage.transport.last.take().filter(({ type }) => type === "publish");
    assert.deepEqual(
      frames.map(({ seq, afterSeq, body }) => [seq, afterSeq, body]),
      [
        [2, undefined, "two"],
        [3, undefined, "three"],
      ],
    );
    const before = stage.transport.connections.length;
    stage.ack(2, 9);
    stage.ack(3, 10);
    assert.ok(await until(() => stage.transport.connections.length > before, PATIENCE_MS));
    assert.equal(await stage.welcome(), stage.page.producer);
    assert.deepEqual(await stage.sent(1), [1]);
    assert.deepEqual(published, [
      [2, 9, dead],
      [3, 10, dead],
    ]);
  });

  test("[OUTBOX-2] of several living pages one takes over, and the page that lives keeps its own", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    const living = await new KeptStage(browser, clock).begin();
    const other = await new KeptStage(browser, clock).begin();
    const dying = await new KeptStage(browser, clock).begin();
    living.publish("mine");
    dying.publish("left");
    await living.sent(1);
    await dying.sent(1);
    await settle(40);
    dying.page.die();
    assert.ok(await until(() => living.room.outbox.length + other.room.outbox.length === 2, PATIENCE_MS));
    await settle(40);
    const all = [...living.room.outbox, ...other.room.outbox].map(({ body }) => body);
    assert.deepEqual(
      all.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
      ["left", "mine"],
    );
    assert.ok(living.room.outbox.some(({ body, producer }) => body === "mine" && producer === undefined));
  });

  test("[OUTBOX-2] a page that is frozen is given nothing, though it was the first to wait; when it thaws it takes over what is left then", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    const frozen = await new KeptStage(browser, clock).begin();
    const dying = await new KeptStage(browser, clock).begin();
    dying.publish("left");
    await dying.sent(1);
    await settle(40);
    const living = await new KeptStage(browser, clock).begin();
    await settle(40);
    frozen.page.freeze();
    dying.page.die();
    await living.takenOver();
    assert.deepEqual(frozen.room.outbox, []);
    // Nobody else is there when this one goes.
    living.page.die();
    await settle(40);
    assert.deepEqual(frozen.room.outbox, []);
    frozen.page.thaw();
    const [left] = await frozen.takenOver();
    assert.equal(left?.body, "left");
  });

  test("[OUTBOX-3] where the server has forgotten the dead page, what may be stored is looked for behind its cursor", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    const dead = await deadPage(browser, clock, ["one", "two", "three"], 1);
    const stage = await new KeptStage(browser, clock).begin();
    await stage.takenOver();
    await stage.welcome();
    for (const seq of await stage.sent(2)) {
      stage.transport.last.say({
        type: "refused",
        room: "lobby",
        seq,
        code: "unknown-producer",
        message: "who?",
      });
    }
    await settle();
    const [question] = stage.transport.last.take();
    assert.equal(question?.["type"], "history");
    const found = { offset: 9, from: "ada", producer: dead, seq: 2, at: 0, body: "two" };
    const page = {
      type: "history",
      id: question?.["id"],
      room: "lobby",
      epoch: "e1",
      earliest: 1,
      more: false,
    };
    stage.transport.last.say({ ...page, messages: [found] });
    assert.deepEqual(await stage.sent(1), [3], "the one that is not there goes out again");
    assert.deepEqual(
      stage.room.outbox.map(({ body }) => body),
      ["three"],
    );
  });

  test("[OUTBOX-3] [OUTBOX-4] what can't be known is told as such, and told again by the next page, until somebody dismisses it", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    await deadPage(browser, clock, ["one", "two"], 1);
    const stage = await new KeptStage(browser, clock).begin();
    await stage.takenOver();
    await stage.welcome();
    const [seq] = await stage.sent(1);
    stage.transport.last.say({
      type: "refused",
      room: "lobby",
      seq,
      code: "unknown-producer",
      message: "who?",
    });
    await settle();
    const [question] = stage.transport.last.take();
    // The history went back: it is another, and its beginning is gone.
    const page = { type: "history", id: question?.["id"], room: "lobby", epoch: "e2", more: false };
    stage.transport.last.say({ ...page, earliest: 40, messages: [] });
    const [refused] = stage.room.refused;
    assert.deepEqual([refused?.code, refused?.body], ["unsettled", "two"]);
    assert.match(refused?.message ?? "", /may have been stored/);
    const isKept = async (): Promise<boolean> => (await browser.records())[0]?.refusal?.code === "unsettled";
    assert.ok(await until(isKept, PATIENCE_MS));
    stage.page.die();

    const next = await new KeptStage(browser, clock).begin();
    assert.ok(await until(() => next.room.refused.length === 1, PATIENCE_MS));
    assert.equal(next.room.refused[0]?.message, refused?.message);
    next.room.dismiss(next.room.refused[0]?.id ?? 0);
    assert.ok(await until(async () => (await browser.records()).length === 0, PATIENCE_MS));
  });

  test("[OUTBOX-4] what is behind a refused publish waits until it is on disk that it was refused", async () => {
    const browser = new Browser();
    const stage = await new KeptStage(browser, new FakeClock()).begin();
    stage.publish("one", "two");
    await stage.sent(2);
    const refuse = (seq: number, code: string): void =>
      stage.transport.last.say({ type: "refused", room: "lobby", seq, code, message: "no" });
    refuse(1, "forbidden");
    refuse(2, "out-of-order");
    assert.deepEqual(stage.transport.last.take(), []);
    assert.deepEqual(await stage.sent(1), [2]);
    const records = await browser.records();
    assert.deepEqual(
      records.map(({ seq, refusal }) => [seq, refusal?.code]),
      [
        [1, "forbidden"],
        [2, undefined],
      ],
    );
  });

  test("[OUTBOX-3] what was sent a week ago is looked for before it is sent again, also where the clock was set back a day", async () => {
    for (const [awayMs, isRead] of [
      [7 * DAY_MS - DAY_MS + 1, true],
      [2 * DAY_MS, false],
      [-DAY_MS, false],
    ] as const) {
      const browser = new Browser();
      const clock = new FakeClock();
      await deadPage(browser, clock, ["one"]);
      clock.setWall(clock.now() + awayMs);
      const stage = await new KeptStage(browser, clock).begin();
      await stage.takenOver();
      await stage.welcome();
      const [first] = stage.transport.last.take().filter(({ type }) => type !== "subscribe");
      assert.equal(first?.["type"], isRead ? "history" : "publish", `${awayMs} ms`);
      stage.page.close();
    }
  });

  test("[OUTBOX-2] messages of the dead page that come meanwhile disturb nothing", async () => {
    const browser = new Browser();
    const clock = new FakeClock();
    await deadPage(browser, clock, ["one"]);
    const stage = await new KeptStage(browser, clock).begin();
    await stage.takenOver();
    await stage.welcome();
    stage.transport.last.say(subscribed("lobby", 7), messages("lobby", 7, 8));
    stage.ack(1, 8);
    await settle();
    assert.deepEqual(stage.room.outbox, []);
  });
});
