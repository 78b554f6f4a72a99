import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ParlorClient, roomPresence } from "@parlor/client";
import { until } from "@parlor/testkit";
import type { Page } from "playwright-core";
import { addressOf } from "./address.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

function badge(page: Page, room: string) {
  return page.locator(".room-entry", { hasText: room }).locator(".badge");
}

async function counts(page: Page, room: string, count: string): Promise<void> {
  await badge(page, room).locator(".badge-count", { hasText: count }).waitFor();
}

async function listIs(page: Page, ...labels: readonly string[]): Promise<void> {
  await page.waitForFunction((wanted) => {
    const shown = [...document.querySelectorAll(".room-label")].map(({ textContent }) => textContent);
    return JSON.stringify(shown) === JSON.stringify(wanted);
  }, labels);
}

function heading(page: Page, room: string) {
  return page.getByRole("heading", { name: room, exact: true });
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.id || activeElement?.className || "";
  });
}

describe("rooms and people", () => {
  let stage: Stage;
  let ada: Page;
  before(async () => {
    stage = await Stage.set(["--connections-per-address", "Infinity"]);
    ada = await stage.visit({ path: "r/garden", name: "Ada", viewport: { width: 1400, height: 800 } });
    await say(ada, "planted");
    await seesLast(ada, "planted");
    await ada.goto(stage.url);
    await heading(ada, "lobby").waitFor();
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[ROOMS-2] what is said in another room is counted at once, also what speaks to you, and outlives the page", async () => {
    const bob = await stage.visit({ path: "r/garden", name: "Bob" });
    await say(bob, "the tomatoes are out");
    await counts(ada, "garden", "1");
    await say(bob, "@Ada, come and see");
    await counts(ada, "garden", "2");
    assert.match((await badge(ada, "garden").textContent()) ?? "", /one speaks to you/);
    assert.match(await ada.title(), /^\(1\) lobby/);
    await ada.reload();
    await counts(ada, "garden", "2");
    await bob.context().close();
  });

  test("[ROOMS-2] what comes before one's eyes is never unread, not for a moment", async () => {
    await ada.evaluate(() => {
      const title = document.querySelector("title");
      if (title === null) throw new Error("the page has no title");
      const seen: string[] = [];
      new MutationObserver(() => seen.push(document.title)).observe(title, { childList: true });
      Object.assign(window, { seenTitles: seen });
    });
    // One after the other, so that some of them are gathered before they are drawn.
    for (const text of ["one", "@Ada, two", "three", "four"]) await stage.fill("lobby", [text]);
    await seesLast(ada, "one", "@Ada, two", "three", "four");
    assert.deepEqual(
      await ada.evaluate(() => (window as unknown as { seenTitles: string[] }).seenTitles),
      [],
    );
  });

  test("[ROOMS-1] what one page reads is read on the others of the browser", async () => {
    const other = await ada.context().newPage();
    await other.goto(new URL("r/garden", stage.url).href);
    await seesLast(other, "@Ada, come and see");
    await badge(ada, "garden").waitFor({ state: "detached" });
    await other.close();
  });

  test("[ROOMS-4] keys lead to what is unread, and [ROOMS-5] back and forward follow without loading anything", async () => {
    await stage.fill("quarry", ["deep"]);
    await stage.fill("garden", ["wet"]);
    await badge(ada, "garden").waitFor();
    await ada.evaluate(() => Object.assign(window, { isSame: true }));
    await say(ada, "still in the lobby");
    await ada.keyboard.press("Alt+Shift+ArrowDown");
    await seesLast(ada, "@Ada, come and see", "wet");
    assert.equal((await addressOf(ada)).pathname, "/r/garden");
    await ada.goBack();
    await seesLast(ada, "still in the lobby");
    await ada.goForward();
    await heading(ada, "garden").waitFor();
    await ada.keyboard.press("Alt+ArrowDown");
    await heading(ada, "lobby").waitFor();
    await seesLast(ada, "still in the lobby");
    assert.equal(await ada.evaluate(() => "isSame" in window), true);
  });

  test("[ROOMS-3] the list is searched, and leads to rooms that are not on it", async () => {
    await ada.keyboard.press("Control+k");
    await ada.keyboard.type("GARD");
    await listIs(ada, "garden", "Go to GARD");
    await ada.keyboard.press("Enter");
    await heading(ada, "garden").waitFor();
    await ada.keyboard.press("Control+k");
    await ada.keyboard.type("quarry");
    await listIs(ada, "Go to quarry");
    await ada.getByText("None of your rooms is called so.").waitFor();
    await ada.keyboard.press("ArrowDown");
    await ada.keyboard.press("Enter");
    await seesLast(ada, "deep");
    // An address that somebody sent is pasted where rooms are looked for.
    await ada.keyboard.press("Control+k");
    await ada.keyboard.insertText(new URL("r/garden#m-1", stage.url).href);
    await ada.keyboard.press("Enter");
    await heading(ada, "garden").waitFor();
    await ada.goBack();
    await seesLast(ada, "deep");
    await ada.locator(".room-entry", { hasText: "garden" }).hover();
    await ada.getByRole("button", { name: "Take garden off the list" }).click();
    await ada.locator(".room-entry", { hasText: "garden" }).waitFor({ state: "detached" });
  });

  test("[ROOMS-7] a message has an address, copied by a key or taken from its time, that stands in the page's own", async () => {
    await ada.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const row = ada.locator(".message", { hasText: "deep" });
    await row.focus();
    await ada.keyboard.press("l");
    await row.getByText("Link copied").waitFor({ state: "attached" });
    const copied = await ada.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /\/r\/quarry#m-\d+$/);
    await row.locator(".message-link").click();
    assert.equal((await addressOf(ada)).href, copied);
    await ada.reload();
    await seesLast(ada, "deep");
    assert.equal((await addressOf(ada)).href, copied);
  });

  test("[ROOMS-2] what came while no page was open is counted by the server: the page is not sent it", async () => {
    const page = await ada.context().newPage();
    const blank = new URL("healthz", stage.url).href;
    for (const path of ["r/garden", "r/lobby"]) {
      await page.goto(new URL(path, stage.url).href);
      await page.locator(".room-entry", { hasText: "garden" }).waitFor();
      // Unread is what comes behind what was read: a room that was left before it showed anything was not.
      await page.locator(".message[data-offset]").first().waitFor();
    }
    await page.goto(blank);
    await ada.goto(blank);
    await stage.fill(
      "garden",
      Array.from({ length: 120 }, (_, nth) => (nth === 60 ? "@Ada, sixty" : `leaf ${nth}`)),
    );
    const frames: string[] = [];
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => frames.push(String(payload))),
    );
    // The reader is behind the log by moments.
    const isRead = async (): Promise<boolean> =>
      /^parlor_reader_lag_messages\{reader="search"\} 0$/m.test(
        await (await fetch(new URL("metrics", stage.url))).text(),
      );
    assert.ok(await until(isRead, 20_000));
    // Over the one whose frames can be looked at.
    await page.goto(new URL("r/lobby?transport=websocket", stage.url).href);
    await counts(page, "garden", "99+");
    await page.locator(".room-entry", { hasText: "garden" }).locator(".badge.is-mention").waitFor();
    assert.ok(frames.length > 0 && !frames.some((frame) => frame.includes("leaf ")));
    await page.close();
    await ada.goto(new URL("r/garden", stage.url).href);
    await seesLast(ada, "leaf 119");
  });

  test("[ROOMS-6] who is here is shown with name and tag, and of one name twice", async () => {
    await ada.goto(stage.url);
    await stage.visit({ name: "Ada" });
    await stage.visit({ name: "Bob", path: "?transport=poll" });
    const people = ada.locator(".people li");
    await ada.waitForFunction(() => document.querySelectorAll(".people li").length === 3);
    assert.deepEqual(await people.locator(".author-name").allTextContents(), ["Ada", "Ada", "Bob"]);
    assert.equal(new Set(await people.locator(".tag").allTextContents()).size, 3);
  });

  test("[ROOMS-6] of more than 200 people only how many is shown, and they are listed again when some went", async () => {
    const crowd = Array.from({ length: 200 }, () => new ParlorClient(stage.url));
    for (const room of crowd.map((client) => client.room("crowd"))) {
      room.subscribe();
      roomPresence(room).on("change", () => undefined);
    }
    const page = await stage.visit({ path: "r/crowd", name: "Ada", viewport: { width: 1400, height: 800 } });
    await page.getByText("201 people are here. So many are only counted, not listed.").waitFor();
    assert.equal(await page.locator(".people li").count(), 0);
    await page.getByRole("button", { name: "201 people here" }).waitFor();
    for (const client of crowd.slice(1)) client.close();
    await page.waitForFunction(() => document.querySelectorAll(".people li").length === 2);
    crowd[0]?.close();
    await page.context().close();
  });

  test("[A11Y-2] F6 walks the parts of the page", async () => {
    await ada.locator("#composer-text").focus();
    const walked: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      await ada.keyboard.press("F6");
      walked.push(await focused(ada));
    }
    assert.deepEqual(walked, ["panel is-end", "room-link", "head", "scroll", "composer-text"]);
    await ada.keyboard.press("Shift+F6");
    assert.equal(await focused(ada), "scroll");
  });

  test("[A11Y-1] the list of keys opens by its key, keeps the focus and gives it back", async () => {
    await ada.keyboard.press("?");
    const dialog = ada.getByRole("dialog", { name: "Keys" });
    await dialog.waitFor();
    await ada.keyboard.press("F6");
    assert.equal(await dialog.evaluate((element) => element.contains(document.activeElement)), true);
    await ada.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.equal(await focused(ada), "scroll");
    // Who closes one and opens the next before the browser tells of the first has the next.
    await ada.keyboard.press("?");
    await dialog.evaluate(async (first: HTMLDialogElement) => {
      const isTold = new Promise((resolve) => first.addEventListener("close", resolve));
      first.close();
      document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
      await isTold;
    });
    // Drawn at the next frame.
    await dialog.waitFor();
    await ada.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await ada.locator("#composer-text").focus();
    await ada.keyboard.type("really?");
    assert.equal(await ada.locator("#composer-text").inputValue(), "really?");
    assert.deepEqual(stage.complaints, []);
  });
});
