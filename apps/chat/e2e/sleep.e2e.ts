import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorClient, type ClientRoom } from "@parlor/client";
import type { Page } from "playwright-core";
import { seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

/** All that stands in the list. */
async function shownDom(page: Page): Promise<readonly string[]> {
  // By rows: which of them stand together goes by when they came.
  return await page
    .locator(".scroll-content > :not(.block), .block > *")
    .evaluateAll((rows) => rows.map((row) => row.outerHTML));
}

/** A page whose lifecycle the browser froze: no timer, no frame, no byte that came is handled. */
async function freeze(page: Page): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  return async () => {
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await session.detach();
  };
}

/** 60 messages, 3 edits, 2 deletions and 4 reactions, of messages from before the sleep and during it. */
async function talk(room: ClientRoom, before: readonly number[]): Promise<void> {
  const offsets: number[] = [...before];
  const told = async (body: unknown, re?: number): Promise<void> => {
    const { offset } = await room.publish(body, re === undefined ? {} : { re });
    if (re === undefined) offsets.push(offset ?? 0);
  };
  for (let n = 1; n <= 60; n++) {
    await told({ text: `message ${n}`, name: "Grace", ...(n === 7 ? { reply: before[0] } : {}) });
    if (n === 10) await told({ edit: "before, **changed**" }, before[0]);
    if (n === 20) await told({ delete: true }, before[1]);
    if (n === 30) await told({ edit: "message 3, changed" }, offsets[before.length + 2]);
    if (n === 31) await told({ edit: "message 3, changed twice" }, offsets[before.length + 2]);
    if (n === 40) await told({ delete: true }, offsets[before.length + 4]);
    if (n === 45) for (const emoji of ["👍", "🎉"]) await told({ react: emoji, name: "Grace" }, before[2]);
    if (n === 50) await told({ react: "👍", name: "Grace" }, offsets[before.length + 9]);
    if (n === 51) await told({ unreact: "🎉" }, before[2]);
  }
}

describe("a page that slept", () => {
  test("[MSG-11] wakes to what a page shows that was there all along, without a reload, though the server was killed", async () => {
    await using stage = await Stage.set();
    const grace = new ParlorClient(stage.url);
    try {
      const room = grace.room("lobby");
      const before: number[] = [];
      for (const text of ["before", "to be deleted", "to be liked"]) {
        before.push((await room.publish({ text, name: "Grace" })).offset ?? 0);
      }
      const sleeper = await stage.visit({ name: "Ada" });
      const always = await stage.visit({ name: "Bob" });
      await sleeper.evaluate(() => Object.assign(window, { isTheSamePage: true }));
      for (const page of [sleeper, always]) await seesLast(page, "before", "to be deleted", "to be liked");

      const wake = await freeze(sleeper);
      await talk(room, before);
      await seesLast(always, "message 59", "message 60");
      assert.deepEqual(
        (await stage.historyErased("lobby", 2)).messages.filter(({ redacted }) => redacted).length,
        2,
      );
      await stage.killServer();
      await stage.restartServer();
      await room.publish({ text: "after the restart", name: "Grace" });
      await seesLast(always, "message 60", "after the restart");
      await wake();

      await seesLast(sleeper, "message 60", "after the restart");
      await sleeper.locator(".message", { hasText: "before, changed" }).locator("strong").waitFor();
      const shown = await shownDom(sleeper);
      assert.equal(shown.filter((row) => row.includes("data-offset")).length, 64);
      assert.match(shown.join(""), /message 3, changed twice/);
      assert.deepEqual(shown, await shownDom(always));
      assert.equal(await sleeper.evaluate(() => "isTheSamePage" in window), true);
      assert.deepEqual(stage.complaints, []);
    } finally {
      grace.close();
    }
  });
});
