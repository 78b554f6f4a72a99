import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { until } from "@parlor/testkit";
import type { Page } from "playwright-core";
import { otherRelease } from "./other-release.ts";
import { isOnDisk } from "./outbox-on-disk.ts";
import { ReleaseFront } from "./release-front.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const PATIENCE_MS = 20_000;
const NO_WORKERS = "delete globalThis.SharedWorker;";

function scriptOf(page: Page): Promise<string> {
  return page.evaluate(() => document.querySelector<HTMLScriptElement>("script[type=module]")?.src ?? "");
}

/** Waits until so many shared workers live in the whole browser, and gives the addresses of their scripts. */
async function sharedWorkers(page: Page, count: number): Promise<readonly string[]> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page has no browser");
  const session = await browser.newBrowserCDPSession();
  let urls: readonly string[] = [];
  const isSo = await until(async () => {
    const { targetInfos } = await session.send("Target.getTargets", { filter: [{ type: "shared_worker" }] });
    urls = targetInfos.map(({ url }) => url);
    return urls.length === count;
  }, PATIENCE_MS);
  await session.detach();
  assert.ok(isSo, `${count} shared workers, not ${urls.join(" ")}`);
  return urls;
}

/** Waits until the page shows its room and has what it sends and keeps publishes with: of an older release nothing can be had any more. */
async function hasItsParts(page: Page): Promise<void> {
  await page.getByText("This is where").or(page.getByText("Nothing was said here yet")).first().waitFor();
  await page.waitForFunction(() => {
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    return ["/start-", "/upward-"].every((part) => loaded.some((name) => name.includes(part)));
  });
}

async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  await page.goto("chrome://crash").catch(() => undefined);
  await crashed;
}

describe("a browser that has pages of two releases", () => {
  let stage: Stage;
  let front: ReleaseFront;
  before(async () => {
    stage = await Stage.set([], {
      front: async (port) => (front = await ReleaseFront.listen(port)),
      // The old release's files are gone, and so is the server for a while.
      expected: /ERR_|Failed to load resource|WebSocket/,
    });
  });
  beforeEach(async () => {
    front.withdraw();
    await stage.hasServer();
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  /** Another tab of the same browser, of whatever release is served now. */
  async function tabBeside(page: Page): Promise<Page> {
    const tab = await page.context().newPage();
    tab.on("pageerror", (error) => stage.complaints.push(error.message));
    await tab.goto(page.url());
    return tab;
  }

  async function areConnected(count: number): Promise<void> {
    const isSo = await until(async () => (await stage.connections()) === count, PATIENCE_MS);
    assert.ok(isSo, `${count} connections, not ${await stage.connections()}`);
  }

  /** What the server has of the room, in its order. */
  async function stored(room: string): Promise<string[]> {
    return (await stage.history(room)).messages.map(({ body }) => String((body as { text?: unknown }).text));
  }

  test("[TABS-7] [OUTBOX-11] deployed beside a living worker the newer has one connection and the older keeps its own, both talk, and the newer sends what the older left when it crashed", async () => {
    using newer = await otherRelease({ tabs: 2 });
    const old = await stage.visit({ path: "r/deployed", name: "Ada" });
    const oldToo = await tabBeside(old);
    await areConnected(1);
    const [oldWorker] = await sharedWorkers(old, 1);
    for (const tab of [old, oldToo]) await hasItsParts(tab);

    await front.deploy(newer.path);
    const young = await tabBeside(old);
    const youngToo = await tabBeside(old);
    assert.notEqual(await scriptOf(young), await scriptOf(old));
    const workers = await sharedWorkers(old, 2);
    assert.ok(workers.includes(oldWorker ?? ""));
    await areConnected(2);

    const said: string[] = [];
    const tabs = [old, young, oldToo, youngToo];
    for (const [n, tab] of tabs.entries()) {
      await say(tab, `said ${n}`);
      said.push(`said ${n}`);
      for (const each of tabs) await seesLast(each, ...said);
    }
    await areConnected(2);
    await isOnDisk(young, 0);

    await stage.killServer();
    await oldToo.close();
    for (const n of [1, 2, 3, 4, 5]) await say(old, `left ${n}`);
    for (const n of [1, 2]) await say(young, `kept ${n}`);
    await isOnDisk(young, 7);
    await crash(old);
    // One of the two takes it over; both are of the newer release.
    await Promise.race(
      [young, youngToo].map((tab) => tab.locator(".message.is-waiting", { hasText: "left 5" }).waitFor()),
    );
    await stage.restartServerFor(young);
    await isOnDisk(young, 0);
    const all = await stored("deployed");
    assert.deepEqual(all.slice(0, 4), said);
    assert.deepEqual(
      all.filter((text) => text.startsWith("left")),
      [1, 2, 3, 4, 5].map((n) => `left ${n}`),
    );
    assert.deepEqual(
      all.filter((text) => text.startsWith("kept")),
      ["kept 1", "kept 2"],
    );
    assert.equal(all.length, 11);
    for (const tab of [young, youngToo]) await seesLast(tab, ...all);
    await sharedWorkers(young, 1);
    await areConnected(1);
    await young.context().close();
    await stage.isLeft();
  });

  test("[OUTBOX-11] a page whose release keeps its outbox in a newer form waits for no older one, which goes on from memory and says so; both send all that they have, once", async () => {
    using newer = await otherRelease({ tabs: 2, outbox: 2 });
    const old = await stage.visit({ path: "r/form", name: "Ada" });
    await say(old, "first");
    await seesLast(old, "first");
    // What is seen is stored, and not acknowledged yet perhaps.
    await isOnDisk(old, 0);
    await hasItsParts(old);
    await front.deploy(newer.path);
    await stage.killServer();
    await say(old, "old on disk");
    await isOnDisk(old, 1);
    const young = await tabBeside(old);
    await say(young, "young on disk");
    await isOnDisk(young, 2);
    await say(old, "old in memory");
    await old.locator(".notice", { hasText: "Keep this tab open: only it has what you wrote." }).waitFor();
    await isOnDisk(young, 2);
    await stage.restartServerFor(young);
    await young.locator(".message[data-offset]", { hasText: "young on disk" }).waitFor();
    await old.locator(".message[data-offset]", { hasText: "old in memory" }).waitFor();
    // What it can't take off the disk any more the newer page sends again, and the server knows it.
    await old.close();
    await isOnDisk(young, 0);
    await say(young, "and on");
    await young.locator(".message[data-offset]", { hasText: "and on" }).waitFor();
    const all = await stored("form");
    assert.deepEqual([...all].sort(), ["and on", "first", "old in memory", "old on disk", "young on disk"]);
    assert.ok(all.indexOf("old on disk") < all.indexOf("old in memory"), "in the order of its writing");
    await young.context().close();
    await stage.isLeft();
  });

  test("[TABS-16] two releases that speak alike share one connection where a tab holds it, whichever of them goes first", async () => {
    using newer = await otherRelease({});
    const old = await stage.visit({ path: "r/alike", name: "Ada" });
    await old.context().addInitScript(NO_WORKERS);
    await old.reload();
    // What it needs to hold the connection can't be had any more once the newer is deployed.
    await old.waitForFunction(() =>
      performance.getEntriesByType("resource").some(({ name }) => name.includes("/hub-client-")),
    );
    await hasItsParts(old);
    await areConnected(1);
    await front.deploy(newer.path);
    const young = await tabBeside(old);
    assert.notEqual(await scriptOf(young), await scriptOf(old));
    await say(young, "from the newer");
    await seesLast(old, "from the newer");
    await areConnected(1);
    const later = await tabBeside(old);
    await old.close();
    await say(later, "without the older");
    for (const tab of [young, later]) await seesLast(tab, "from the newer", "without the older");
    await areConnected(1);
    assert.deepEqual(await stored("alike"), ["from the newer", "without the older"]);
    await young.context().close();
  });

  test("[PAGE-14] no page complained of its policy or of a fault", () => {
    assert.deepEqual(stage.complaints, []);
  });
});
