import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "@parlor/testkit";
import type { Page } from "playwright-core";
import { ReleaseFront } from "./release-front.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

/** The page is kept, by a worker that answers for it from now on. */
async function isKept(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
}

function scriptOf(page: Page): Promise<string> {
  return page.evaluate(() => document.querySelector<HTMLScriptElement>("script[type=module]")?.src ?? "");
}

/** What the browser has on its disk of rooms. */
function storedRooms(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const open = indexedDB.open("parlor.rooms");
    await new Promise((resolve) => open.addEventListener("success", resolve));
    const all = open.result.transaction("rooms").objectStore("rooms").getAll();
    await new Promise((resolve) => all.addEventListener("success", resolve));
    open.result.close();
    return JSON.stringify(all.result);
  });
}

describe("the page with no network", () => {
  let stage: Stage;
  let front: ReleaseFront;
  let ada: Page;
  before(async () => {
    stage = await Stage.set([], {
      front: async (port) => (front = await ReleaseFront.listen(port)),
      expected: /ERR_|Failed to load resource|WebSocket/,
    });
    ada = await stage.visit({ path: "r/garden", name: "Ada", serviceWorkers: "allow" });
    await say(ada, "The tomatoes are **out**");
    await say(ada, "said by mistake");
    // Not before: who writes at the same time may come first.
    await seesLast(ada, "The tomatoes are out", "said by mistake");
    await stage.fill("garden", ["Come and see", "Bring a basket :tomato:"]);
    await seesLast(ada, "Come and see", "Bring a basket :tomato:");
    await ada.locator(".message", { hasText: "said by mistake" }).hover();
    await ada.getByRole("button", { name: "Delete" }).click();
    await ada.getByRole("button", { name: "Delete", exact: true }).click();
    await ada.getByText("message erased").waitFor();
    await isKept(ada);
    assert.ok(await until(async () => (await storedRooms(ada)).includes('"redacted":true'), 20_000));
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[OFFLINE-1] it can be installed: its manifest names its icons, and all of it is kept", async () => {
    const cdp = await ada.context().newCDPSession(ada);
    const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
    // A window of a test is private, and private windows install nothing; that is all that is missed.
    assert.deepEqual(
      installabilityErrors.map(({ errorId }) => errorId),
      ["in-incognito"],
    );
    const { errors } = await cdp.send("Page.getAppManifest");
    assert.deepEqual(errors, []);
  });

  test("[OFFLINE-2] it opens at once and shows what it had of the room, and what was deleted is not among it", async () => {
    front.cut();
    await ada.reload();
    await seesLast(ada, "The tomatoes are out", "message erased", "Come and see", "Bring a basket :tomato:");
    await ada.getByText("What you write is kept.").waitFor();
    assert.equal(await ada.locator(".message.is-own").count(), 2);
    const stored = await storedRooms(ada);
    assert.ok(stored.includes("Come and see") && !stored.includes("said by mistake"));
    // What is loaded only when it is wanted is there as well.
    await ada.locator(".message").last().focus();
    await ada.keyboard.press("+");
    await ada.getByRole("dialog", { name: "Choose a reaction" }).waitFor();
    await ada.keyboard.press("Escape");
    await stage.picture(ada, "offline-opened");
  });

  test("[OFFLINE-3] what is written meanwhile goes out once there is a network, and the room is as for all others", async () => {
    await say(ada, "Written on the train");
    await ada.getByText("One message waits here").waitFor();
    await stage.fill("garden", ["Said while she was away"]);
    front.mend();
    // As the browser says it when there is a network again; the page may have found out by itself.
    await ada.evaluate(() => dispatchEvent(new Event("online")));
    await seesLast(ada, "Said while she was away", "Written on the train");
    const bob = await stage.visit({ path: "r/garden", name: "Bob" });
    await seesLast(bob, "Said while she was away", "Written on the train");
    await bob.context().close();
  });

  test("[OFFLINE-3] what is written with no network outlives a reload without one, shows as waiting, and arrives once", async () => {
    front.cut();
    await say(ada, "Written in the tunnel");
    await ada.getByText("One message waits here").waitFor();
    await ada.reload();
    await ada.getByText("Written in the tunnel").waitFor();
    await ada.getByText("One message waits here").waitFor();
    front.mend();
    await ada.evaluate(() => dispatchEvent(new Event("online")));
    await ada.locator(".message[data-offset]", { hasText: "Written in the tunnel" }).waitFor();
    const { messages } = await stage.history("garden");
    const texts = messages.map(({ body }) => (body as { text?: string } | null)?.text);
    assert.equal(texts.filter((text) => text === "Written in the tunnel").length, 1);
  });

  test("[OFFLINE-2] of a room that was taken off the list nothing is kept any more, though it is open still", async () => {
    const keeps = async (words: string): Promise<boolean> => (await storedRooms(ada)).includes(words);
    const goTo = async (room: string): Promise<void> => {
      await ada.keyboard.press("Control+k");
      await ada.getByLabel("Find a room, or go to one").fill(room);
      await ada.keyboard.press("Enter");
      await ada.getByRole("heading", { name: room, exact: true }).waitFor();
    };
    await goTo("shed");
    await say(ada, "The key is under the mat");
    assert.ok(await until(() => keeps("under the mat"), 20_000));
    await goTo("garden");
    await ada.locator(".room-entry", { hasText: "shed" }).hover();
    await ada.getByRole("button", { name: "Take shed off the list" }).click();
    assert.ok(await until(async () => !(await keeps("under the mat")), 20_000));
    // What comes in the one is heard before what comes in the other, and would be kept before it.
    await stage.fill("shed", ["Thank you"]);
    await stage.fill("garden", ["Said behind it"]);
    assert.ok(await until(() => keeps("Said behind it"), 20_000));
    assert.equal(await keeps("under the mat"), false);
  });

  test("[OFFLINE-4] a new release breaks no open page, is taken by the next visit, and is what opens offline then", async () => {
    const context = ada.context();
    const first = await scriptOf(ada);
    front.isSecond = true;
    const next = await context.newPage();
    await next.goto(new URL("r/garden", stage.url).href);
    await seesLast(next, "Written in the tunnel", "Said behind it");
    assert.notEqual(await scriptOf(next), first);
    // Its table of emoji was not loaded yet, and the server has it under another name by now.
    await ada.locator("#composer-text").fill(":tomat");
    await ada.getByRole("option", { name: ":tomato:" }).waitFor();
    await ada.close();
    // Not by `waitForFunction`: to that a promise is true at once.
    const isNextThere = (): Promise<boolean> =>
      next.evaluate(async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting));
    assert.ok(await until(isNextThere, 20_000));
    await next.close();
    // The worker changes when nobody is there, a moment after the last page went.
    let last = await context.newPage();
    const isTaken = async (): Promise<boolean> => {
      await last.goto(new URL("r/garden", stage.url).href);
      await isKept(last);
      if (await last.evaluate(async () => (await caches.keys()).every((name) => name.endsWith("second"))))
        return true;
      await last.close();
      last = await context.newPage();
      return false;
    };
    assert.ok(await until(isTaken, 20_000));
    front.cut();
    await last.reload();
    await seesLast(last, "Written in the tunnel", "Said behind it");
    assert.match(await scriptOf(last), /-2ND/);
    assert.deepEqual(stage.complaints, []);
  });
});
