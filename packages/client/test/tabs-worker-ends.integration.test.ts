import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { until, CountedConnections } from "@parlor/testkit";
import { preload, type ParlorClient } from "../src/index.ts";
import { FakeBrowser } from "./fake-browser.ts";
import { collect, RealServer } from "./real-server.ts";
import { tabClient } from "./tab-client.ts";

const PATIENCE_MS = 20_000;

await preload();

describe("tabs whose shared worker ends", { timeout: 60_000 }, () => {
  test("[TABS-20] a worker that ends without a word is found out by its lock, and each goes on with the next one", async (t) => {
    // The silence of one would be found out in twice that.
    const counted = new CountedConnections();
    const server = await new RealServer(t).start({
      events: true,
      logger: counted.logger,
      heartbeatMs: 120_000,
    });
    const browser = new FakeBrowser({ workers: true, locks: true });
    const clients = [1, 2, 3].map(() => tabClient(t, server.url, browser).client);
    const [first] = clients as [ParlorClient];
    const all = clients.map((client) => {
      const seen = collect(client.room("lobby"));
      client.room("lobby").subscribe({ last: 10 });
      return seen;
    });
    await first.room("lobby").publish("m1");
    for (let n = 2; n <= 4; n++) {
      await Promise.all(all.map((seen) => seen.until(n - 1)));
      const tell = browser.crashWorker();
      assert.ok(await until(() => counted.now === 0, PATIENCE_MS));
      const published = first.room("lobby").publish(`m${n}`);
      tell();
      await published;
    }
    await Promise.all(all.map((seen) => seen.until(4)));
    for (const seen of all) assert.deepEqual(seen.bodies, ["m1", "m2", "m3", "m4"]);
    assert.deepEqual([counted.now, counted.most, counted.total], [1, 1, 4]);
  });
});
