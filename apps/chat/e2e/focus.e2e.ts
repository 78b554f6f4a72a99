import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const row = (page: Page, text: string) => page.locator(".message[data-offset]").filter({ hasText: text });

/** Waits until what has the focus is of that kind: some of it is drawn a moment later. */
async function hasFocus(page: Page, selector: string): Promise<void> {
  await page.waitForFunction((wanted) => document.activeElement?.matches(wanted) === true, selector);
}

describe("the focus", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
    await stage.fill(
      "links",
      Array.from({ length: 40 }, (_, index) => `number ${index + 1}, https://example.org/${index + 1}`),
    );
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[LIST-1] the Tab key passes the links of a list by, goes through those of the message one is at, and on", async () => {
    const page = await stage.visit({ path: "r/links", name: "Ada" });
    await row(page, "number 40").waitFor();
    const list = page.locator("[role=log]");
    await list.focus();
    await page.keyboard.press("ArrowUp");
    await hasFocus(page, ".message");
    await page.keyboard.press("ArrowUp");
    const key = await row(page, "number 39").getAttribute("data-key");
    await hasFocus(page, `[data-key="${key}"]`);
    await page.keyboard.press("Tab");
    await hasFocus(page, `[data-key="${key}"] .text a`);
    await page.keyboard.press("Tab");
    await hasFocus(page, `[data-key="${key}"] .action`);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await hasFocus(page, `[data-key="${key}"]`);
    await row(page, "number 39").getByRole("button", { name: "Report" }).focus();
    await page.keyboard.press("Tab");
    await hasFocus(page, ".foot *, .jump");
    await list.focus();
    await page.keyboard.press("Tab");
    await hasFocus(page, ".foot *, .jump");
    await list.focus();
    await page.keyboard.press("Shift+Tab");
    await hasFocus(page, ".head button");
    await page.context().close();
  });

  test("[A11Y-5] from what goes with its own key the focus goes on to what that was about, or beside it", async () => {
    const page = await stage.visit({ path: "r/focus", name: "Ada" });
    await say(page, "to react to");
    await seesLast(page, "to react to");
    await row(page, "to react to").focus();
    await page.keyboard.press("+");
    await page.getByLabel("Find an emoji by its name").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await row(page, "to react to").getByRole("button", { name: "👍 1: Ada" }).waitFor();
    await hasFocus(page, ".message");

    await page.goto(new URL("r/focus#m-999", stage.url).href);
    await page.getByText("That message is not in this room").waitFor();
    await page.locator(".missed button").focus();
    await page.keyboard.press("Enter");
    await hasFocus(page, "[role=log]");

    await page.goto(new URL("r/links#m-3", stage.url).href);
    await row(page, "number 3, ").waitFor();
    await page.getByRole("button", { name: "Newest" }).focus();
    await page.keyboard.press("Enter");
    await row(page, "number 40").waitFor();
    await hasFocus(page, "[role=log]");

    await page.getByRole("button", { name: "Take focus off the list" }).focus();
    await page.keyboard.press("Enter");
    await hasFocus(page, ".rooms a");

    await page.locator(".you").click();
    await page.getByRole("button", { name: "Show the link" }).focus();
    await page.keyboard.press("Enter");
    await hasFocus(page, ".key-shown");
    await page.keyboard.press("Escape");
    await hasFocus(page, ".you");
    await page.context().close();
  });

  test("[A11Y-5] a drawer that leads to the room one is in gives the focus back", async () => {
    const page = await stage.visit({ path: "r/focus", name: "Ada", viewport: { width: 700, height: 600 } });
    await page.locator("#composer-text").focus();
    await page.keyboard.press("Control+k");
    await hasFocus(page, ".drawer input");
    await page.keyboard.type("focus");
    await page.keyboard.press("Enter");
    await hasFocus(page, "#composer-text");
    await page.context().close();
  });

  test("[A11Y-5] the notice of a lost connection goes from under who asks to try now, and leaves the focus in its part of the page", async () => {
    const page = await stage.visit({ path: "r/focus", name: "Ada" });
    await seesLast(page, "to react to");
    await stage.killServer();
    const again = page.getByRole("button", { name: "Try now" });
    await again.focus();
    await stage.restartServer();
    await page.keyboard.press("Enter");
    await again.waitFor({ state: "detached" });
    await hasFocus(page, "footer");
    assert.deepEqual(stage.complaints, []);
  });
});
