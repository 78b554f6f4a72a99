import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { ParlorClient, roomPresence, roomSignals, roomState } from "@parlor/client";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { FakeClock, until } from "@parlor/testkit";
import { isTicker, mayInTicker, startTicker } from "./feed.ts";
import { PRICES_ROOM } from "./price.ts";

const PATIENCE_MS = 20_000;

/** A server whose time is the test's, and the market's apart from it. */
async function stage(t: TestContext) {
  const log = new MemoryLog();
  const serverClock = new FakeClock();
  const parlor = new Parlor({ log, clock: serverClock, authorize: mayInTicker, volatileState: isTicker });
  const { url } = await parlor.listen({ port: 0 });
  const clock = new FakeClock();
  const ticker = await startTicker(parlor, true, clock);
  const client = new ParlorClient(url);
  t.after(async () => {
    client.close();
    ticker.close();
    let isDrained = false;
    const drained = parlor.drain().finally(() => (isDrained = true));
    while (!isDrained) await serverClock.advanceAsync(500);
    await drained;
    await log.close();
  });
  return { parlor, clock, serverClock, client, room: client.room(PRICES_ROOM) };
}

describe("the ticker on the server", () => {
  test("[TICKER-1] prices change from the first who looks to the last, and every change is in them", async (t) => {
    const { parlor, clock, serverClock, client, room } = await stage(t);
    assert.equal(clock.pendingCount, 0, "nothing runs while nobody looks");
    const prices = roomState(room);
    roomPresence(room);
    room.subscribe();
    const serverUntil = async (isSo: () => boolean, what: string): Promise<void> => {
      const isDone = async (): Promise<boolean> => {
        await serverClock.advanceAsync(250);
        return isSo();
      };
      assert.ok(await until(isDone, PATIENCE_MS), what);
    };
    await serverUntil(() => clock.pendingCount > 0, "it begins");
    await serverUntil(() => prices.values.size === 500, "the whole table is there before a price moves");
    for (let ticks = 0; ticks < 100; ticks += 1) await clock.advanceAsync(20);
    client.close();
    await serverUntil(() => clock.pendingCount === 0, "it rests");
    const rested = await parlor.room(PRICES_ROOM).state();
    const changes = [...rested.values()].map((price) => (price as [number, number, number])[2]);
    // 100 changes in each 20 ms, and each is one of a symbol's.
    assert.equal(changes.reduce((sum, count) => sum + count, 0) % 100, 0);
  });

  test("[TICKER-2] nobody but the server sets a price, or hears and speaks where processes tell each other", async (t) => {
    const { client, room } = await stage(t);
    await assert.rejects(roomState(room).set("AAA", [1, 1, 1]), { code: "forbidden" });
    const feed = client.room("ticker/feed");
    const ended = new Promise((resolve) => feed.on("unsubscribed", resolve));
    feed.subscribe();
    assert.equal(((await ended) as { code: string }).code, "forbidden");
    const refused = new Promise((resolve) => client.on("error", resolve));
    assert.ok(roomSignals(feed).signal({ AAA: [1, 1, 1] }));
    assert.equal(((await refused) as { code: string }).code, "forbidden");
  });
});
