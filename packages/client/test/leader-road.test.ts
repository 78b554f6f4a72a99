import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { systemClock } from "@parlor/base";
import { until } from "@parlor/testkit";
import type { Hub } from "../src/tabs/hub.ts";
import { LeaderRoad } from "../src/tabs/leader-road.ts";
import { FakeBrowser } from "./fake-browser.ts";
import { WAYS } from "./tabs-ways.ts";

const HUB = { take: () => undefined, close: () => undefined } as unknown as Hub;
const PATIENCE_MS = 20_000;

describe("the tab that holds the connection", () => {
  for (const way of ["a tab that holds a lock", "a tab that holds a lease"] as const) {
    test(`[TABS-14] ${way}, and can't load what a hub is made of, leaves it to another and takes part again later`, async () => {
      const browser = new FakeBrowser(WAYS[way]);
      const [one, other] = [browser.tab(), browser.tab()];
      const road = (tab: typeof one, id: string, make: () => Promise<Hub>): LeaderRoad => {
        const events = { onMessage: () => undefined, onLeader: () => undefined };
        const time = { clock: systemClock, random: () => 0 };
        return new LeaderRoad(tab.platform, { name: "tabs", id }, make, events, time);
      };
      let asked = 0;
      const first = road(one, "a", async () => {
        asked += 1;
        if (asked === 1) throw new TypeError("Failed to fetch dynamically imported module");
        return HUB;
      });
      const second = road(other, "b", async () => HUB);
      first.enter();
      second.enter();
      assert.ok(await until(() => browser.leader === other, PATIENCE_MS), "the other has it");
      assert.deepEqual([asked, first.isIn], [1, false]);
      // What still waits for an answer takes nothing from who has it.
      first.depose();
      first.enter();
      second.leave();
      assert.ok(await until(() => browser.leader === one, PATIENCE_MS), "it is the first's turn again");
      assert.equal(asked, 2);
      first.leave();
    });
  }
});
