import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { ParlorClient, roomSignals, roomState } from "@parlor/client";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { FakeClock, until } from "@parlor/testkit";
import { isTicker, mayInTicker, PRICES_ROOM, startTicker, WATCH_ROOM } from "./feed.ts";

const PATIENCE_MS = 20_000;

async function stage(t: TestContext) {
  const log = new MemoryLog();
  const parlor = new Parlor({ log, authorize: mayInTicker, volatileState: isTicker });
  const { url } = await parlor.listen({ port: 0 });
  const clock = new FakeClock();
  const ticker = await startTicker(parlor, clock);
  const client = new ParlorClient(url);
  t.after(async () => {
    client.close();
    ticker.close();
    await parlor.drain();
    await log.close();
  });
  const room = client.room(PRICES_ROOM);
  const prices = roomState(room);
  const isSubscribed = new Promise((resolve) => room.on("subscribed", resolve));
  room.subscribe();
  await isSubscribed;
  return { parlor, clock, client, prices };
}

test("[TICKER-1] prices change while somebody looks, reach the page as they are, and rest after", async (t) => {
  const { parlor, clock, client, prices } = await stage(t);
  await clock.advanceAsync(1_000);
  assert.equal((await parlor.room(PRICES_ROOM).state()).size, 0);

  assert.ok(roomSignals(client.room(WATCH_ROOM)).signal(null));
  const all = async () => {
    await clock.advanceAsync(20);
    return prices.values.size === 500;
  };
  assert.ok(await until(all, PATIENCE_MS));

  await clock.advanceAsync(11_000);
  const rested = await parlor.room(PRICES_ROOM).state();
  await clock.advanceAsync(5_000);
  assert.deepEqual(await parlor.room(PRICES_ROOM).state(), rested);
  const isSame = () => isDeepStrictEqual(new Map(prices.values), new Map(rested));
  assert.ok(await until(isSame, PATIENCE_MS));
});

test("[TICKER-2] nobody but the server sets a price", async (t) => {
  const { prices } = await stage(t);
  await assert.rejects(prices.set("AAA", [1, 1]), { code: "forbidden" });
});
