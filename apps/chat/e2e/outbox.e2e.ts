import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { isOnDisk, whatWaitsIsOnDisk } from "./outbox-on-disk.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

function texts(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name} ${n + 1}`);
}

async function write(page: Page, written: readonly string[]): Promise<void> {
  for (const text of written) await say(page, text);
}

/** What the server has of the room, in its order. */
async function stored(stage: Stage, room: string): Promise<string[]> {
  return (await stage.history(room)).messages.map(({ body }) => String((body as { text?: unknown }).text));
}

/** Waits until the page has what shows other pages' publishes: where the server is gone before, it shows them once they are in the room. */
async function canShowOthers(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    performance.getEntriesByType("resource").some(({ name }) => name.includes("/earlier-echoes-")),
  );
}

/** Another tab beside that one, at the same address. */
async function tabBeside(page: Page): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(page.url());
  return tab;
}

describe("what was not sent yet when a page goes", () => {
  let stage: Stage;
  before(async () => {
    // A part of the page that is kept from it.
    stage = await Stage.set([], { expected: /ERR_FAILED/ });
  });
  afterEach(() => stage.hasServer());
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[OUTBOX-10] 20 messages that a killed server did not ack survive a reload, also with a clock set back a day, wait in sight, and arrive once and in order", async () => {
    const page = await stage.visit({ path: "r/reload", name: "Ada" });
    await write(page, ["first"]);
    await seesLast(page, "first");
    await isOnDisk(page, 0);
    // Some of them are under way when the server dies.
    const unsent = texts("unsent", 20);
    await write(page, unsent.slice(0, 8));
    await stage.killServer();
    await write(page, unsent.slice(8));
    await page.locator(".message.is-waiting", { hasText: "unsent 20" }).waitFor();
    await whatWaitsIsOnDisk(page);
    await stage.restartServer();
    await page.addInitScript(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() - 86_400_000;
    });
    await page.reload();
    await seesLast(page, ...unsent.slice(-3));
    await isOnDisk(page, 0);
    await write(page, ["and on"]);
    await seesLast(page, "unsent 20", "and on");
    assert.deepEqual(await stored(stage, "reload"), ["first", ...unsent, "and on"]);
    assert.equal(await page.locator(".message.is-waiting").count(), 0);
    await page.context().close();
  });

  test("[OUTBOX-10] of two tabs that write one is killed: the other sends what it left, each message once, in the order of its writing", async () => {
    const living = await stage.visit({ path: "r/tabs", name: "Ada" });
    await write(living, ["first"]);
    await seesLast(living, "first");
    const dying = await tabBeside(living);
    await seesLast(dying, "first");
    await write(dying, ["second"]);
    await seesLast(living, "first", "second");
    await canShowOthers(living);
    await isOnDisk(living, 0);
    await stage.killServer();
    await Promise.all([write(dying, texts("dying", 20)), write(living, texts("living", 5))]);
    await isOnDisk(living, 25);
    const crashed = dying.waitForEvent("crash");
    await dying.goto("chrome://crash").catch(() => undefined);
    await crashed;
    await living.locator(".message.is-waiting", { hasText: "dying 20" }).waitFor();
    await stage.picture(living, "outbox-of-a-dead-tab");
    await stage.restartServerFor(living);
    await isOnDisk(living, 0);
    const all = (await stored(stage, "tabs")).slice(2);
    assert.equal(all.length, 25);
    for (const name of ["dying", "living"]) {
      const own = all.filter((text) => text.startsWith(name));
      assert.deepEqual(own, texts(name, name === "dying" ? 20 : 5));
    }
    await living.locator(".message.is-waiting").first().waitFor({ state: "detached" });
    const shown = await living.locator(".message[data-offset] .text").allTextContents();
    assert.equal(new Set(shown).size, shown.length);
    assert.equal(shown.length, 27);
    await living.context().close();
  });

  test("[OUTBOX-10] without IndexedDB, and where the disk is full, the page says that only this tab has what waits, and sends it all the same", async () => {
    for (const means of ["absent", "full"] as const) {
      const page = await stage.visit({ path: `r/${means}`, name: "Ada" });
      if (means === "full") {
        const session = await page.context().newCDPSession(page);
        const { origin } = new URL(page.url());
        await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
      } else {
        await page.addInitScript(() => Object.defineProperty(globalThis, "indexedDB", { value: undefined }));
        await page.reload();
      }
      await write(page, ["first"]);
      await seesLast(page, "first");
      await stage.killServer();
      await write(page, ["waits"]);
      await page.locator(".notice", { hasText: "Keep this tab open: only it has what you wrote." }).waitFor();
      const why = means === "full" ? "storage is full" : "has no storage";
      assert.match((await page.locator(".notice").textContent()) ?? "", new RegExp(why));
      await stage.picture(page, `outbox-${means}`);
      await stage.restartServerFor(page);
      await seesLast(page, "first", "waits");
      await page.context().close();
    }
  });

  test("[OUTBOX-6] where what keeps it can't be loaded, the page says that only this tab has what waits, and keeps it once it can be", async () => {
    const page = await stage.visit({ path: "r/unloaded", name: "Ada" });
    await write(page, ["first"]);
    await seesLast(page, "first");
    const isKeeper = /\/start-[^/]*\.js$/;
    await page.route(isKeeper, (route) => route.abort());
    await page.reload();
    await seesLast(page, "first");
    await stage.killServer();
    await write(page, ["waits"]);
    await page.locator(".notice", { hasText: "Keep this tab open: only it has what you wrote." }).waitFor();
    assert.match((await page.locator(".notice").textContent()) ?? "", /could not be loaded yet/);
    await page.unroute(isKeeper);
    await stage.restartServerFor(page);
    await seesLast(page, "first", "waits");
    await stage.killServer();
    await write(page, ["waits, too"]);
    await page.locator(".message.is-waiting", { hasText: "waits, too" }).waitFor();
    await whatWaitsIsOnDisk(page);
    await stage.restartServerFor(page);
    await seesLast(page, "first", "waits", "waits, too");
    await page.context().close();
  });

  test("[OUTBOX-10] what may have been sent says so after a reload, and is sent again or discarded by its author", async () => {
    const dying = await stage.visit({ path: "r/doubt", name: "Ada" });
    await write(dying, ["first"]);
    await seesLast(dying, "first");
    await isOnDisk(dying, 0);
    await stage.killServer();
    await write(dying, ["again", "never mind"]);
    await isOnDisk(dying, 2);
    // As they lie there where the server has forgotten the page, and the room's beginning is gone.
    await dying.evaluate(
      async () =>
        await new Promise<void>((resolve) => {
          const opening = indexedDB.open("parlor.outbox", 1);
          opening.onsuccess = () => {
            const transaction = opening.result.transaction("publishes", "readwrite");
            const publishes = transaction.objectStore("publishes");
            publishes.openCursor().onsuccess = ({ target }) => {
              const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result;
              if (cursor === null) return;
              const message = "The server has forgotten this sender. The message may have been stored.";
              cursor.update({ ...cursor.value, refusal: { code: "unsettled", message } });
              cursor.continue();
            };
            transaction.oncomplete = () => {
              opening.result.close();
              resolve();
            };
          };
        }),
    );
    // Gone before the server is back: it would send them itself.
    const page = await dying.context().newPage();
    await dying.close();
    await stage.restartServer();
    // As on plain http: pages ask each other.
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { value: undefined }));
    await page.goto(new URL("r/doubt", stage.url).href);
    const again = page.locator(".message", { hasText: "May have been sent:" }).filter({ hasText: "again" });
    const never = page
      .locator(".message", { hasText: "May have been sent:" })
      .filter({ hasText: "never mind" });
    await never.waitFor();
    await stage.picture(page, "outbox-may-have-been-sent");
    await never.getByRole("button", { name: "Discard" }).click();
    await never.waitFor({ state: "detached" });
    await again.getByRole("button", { name: "Try again" }).click();
    await seesLast(page, "first", "again");
    await isOnDisk(page, 0);
    assert.deepEqual(await stored(stage, "doubt"), ["first", "again"]);
    await page.context().close();
  });

  test("[PAGE-14] no page complained of its policy or of a fault", () => {
    assert.deepEqual(stage.complaints, []);
  });
});
