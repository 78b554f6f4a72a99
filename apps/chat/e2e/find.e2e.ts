import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { addressOf } from "./address.ts";
import { seriousFaults } from "./axe.ts";
import { say, seesLast, shownTexts } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const HIT = ".find-results a";

/** Types into the field of the search until so many are found: the index follows the log by moments. */
async function finds(page: Page, text: string, count: number): Promise<void> {
  const field = page.getByRole("searchbox", { name: /^Words/ });
  for (;;) {
    await field.fill(text);
    const isThere = await page
      .waitForFunction(
        ([selector, wanted]) =>
          document.querySelectorAll(selector as string).length === wanted &&
          document.querySelector(".find-results[aria-busy=false]") !== null,
        [HIT, count] as const,
        { timeout: 2_000 },
      )
      .then(
        () => true,
        () => false,
      );
    if (isThere) return;
    await field.fill(`${text} nothing`);
  }
}

describe("finding messages", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
    const texts = Array.from({ length: 300 }, (_, index) => `message ${index + 1}`);
    await stage.fill("long", texts.with(99, "a green <b>teapot</b> & more"));
    await stage.fill("other", ["a teapot elsewhere"], "Bob");
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[SEARCH-20] by the keyboard alone, what matches marked, a message is found and opened with history around it", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    await seesLast(page, "message 300");
    await page.locator("[role=log]").focus();
    await page.keyboard.press("/");
    await page.getByRole("dialog", { name: "Find messages" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "find-text");
    await finds(page, "teapot", 1);
    assert.equal(await page.locator(`${HIT} .find-text`).textContent(), "a green <b>teapot</b> & more");
    assert.equal(await page.locator(`${HIT} mark`).textContent(), "teapot");
    assert.equal(await page.locator(".find-count").textContent(), "1 message");
    assert.deepEqual(await seriousFaults(page), []);
    await stage.picture(page, "find");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.matches('.message[data-offset="100"]') === true);
    const shown = await shownTexts(page);
    const at = shown.indexOf("a green <b>teapot</b> & more");
    assert.deepEqual(shown.slice(at - 1, at + 2), [
      "message 99",
      "a green <b>teapot</b> & more",
      "message 101",
    ]);
    assert.match((await addressOf(page)).href, /r\/long#m-100$/);
    assert.equal(await page.locator("dialog[open]").count(), 0);
    await page.context().close();
  });

  test("[SEARCH-21] over all one's rooms, by author and day; what is deleted is found no more", async () => {
    const page = await stage.visit({ path: "r/other", name: "Ada" });
    await seesLast(page, "a teapot elsewhere");
    await page.goto(new URL("r/long", stage.url).href);
    await seesLast(page, "message 300");
    await say(page, "my own teapot");
    await seesLast(page, "my own teapot");
    await page.keyboard.press("Control+Shift+F");
    await finds(page, "teapot", 2);
    await page.getByRole("combobox", { name: "Where" }).selectOption("all");
    await finds(page, "teap", 3);
    const bob = page.getByRole("combobox", { name: "By" }).locator("option", { hasText: /^Bob / });
    await page.getByRole("combobox", { name: "By" }).selectOption((await bob.getAttribute("value")) ?? "");
    await finds(page, "teapot", 1);
    await page.getByLabel("To", { exact: true }).fill("2001-01-01");
    await finds(page, "teapot", 0);
    assert.equal(await page.locator(".find-count").textContent(), "Nothing was found.");
    await page.getByLabel("To", { exact: true }).fill("");
    await page.getByRole("combobox", { name: "By" }).selectOption("");
    await finds(page, "own teapot", 1);
    await page.keyboard.press("Escape");
    const row = page.locator(".message", { hasText: "my own teapot" });
    await row.hover();
    await row.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.locator(".text.is-erased").waitFor();
    await page.keyboard.press("Control+Shift+F");
    await finds(page, "teapot", 1);
    await page.context().close();
  });

  test("[PAGE-11] two of one name are told apart by their tags, in what is found and in whom to look for", async () => {
    const pages = [
      await stage.visit({ path: "r/twins", name: "Ada" }),
      await stage.visit({ path: "r/twins", name: "Ada" }),
    ];
    for (const page of pages) await say(page, "I am Ada");
    const [page] = pages as [Page];
    await seesLast(page, "I am Ada", "I am Ada");
    await page.keyboard.press("Control+Shift+F");
    await finds(page, "Ada", 2);
    const tags = await page.locator(`${HIT} .tag`).allTextContents();
    assert.equal(new Set(tags).size, 2);
    const people = await page.getByLabel("By").locator("option").allTextContents();
    for (const tag of tags) assert.equal(people.filter((person) => person.endsWith(tag)).length, 1);
    for (const each of pages) await each.context().close();
  });

  test("[SEARCH-22] without the server it says so in words, and nothing of a page breaks its policy", async () => {
    const page = await stage.visit({ path: "r/other", name: "Ada" });
    await seesLast(page, "a teapot elsewhere");
    await page.getByRole("button", { name: "Find messages" }).click();
    await finds(page, "teapot", 1);
    await stage.killServer();
    await page.getByRole("searchbox", { name: /^Words/ }).fill("elsewhere");
    await page.getByText("The search can't be asked just now.").waitFor();
    await stage.restartServer();
    await finds(page, "elsewhere", 1);
    await page.context().close();
    assert.deepEqual(stage.complaints, []);
  });
});
