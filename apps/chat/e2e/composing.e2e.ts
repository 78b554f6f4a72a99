import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const field = (page: Page) => page.getByRole("textbox", { name: "Message" });
const row = (page: Page, text: string) => page.locator(".message[data-offset]").filter({ hasText: text });

/** Does something with a message by its key, once it is there. */
async function press(page: Page, text: string, key: string): Promise<void> {
  await row(page, text).focus();
  await page.keyboard.press(key);
}

async function deletes(page: Page, text: string): Promise<void> {
  await press(page, text, "Delete");
  await row(page, text).getByRole("button", { name: "Delete", exact: true }).click();
  await row(page, text).waitFor({ state: "detached" });
}

/** Goes to a room by its name, from the keyboard. */
async function goes(page: Page, room: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.keyboard.type(room);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: room }).waitFor();
}

describe("what is being written", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[MSG-12] a change that one leaves for another room is there when one is back, and the draft behind it, too", async () => {
    const page = await stage.visit({ path: "r/left", name: "Ada" });
    await say(page, "as it was");
    await seesLast(page, "as it was");
    await field(page).fill("a draft");
    await press(page, "as it was", "e");
    await page.getByText("Changing your message").waitFor();
    await page.keyboard.type(", and more");
    await goes(page, "elsewhere");
    assert.equal(await field(page).inputValue(), "");
    await goes(page, "left");
    await page.getByText("Changing your message").waitFor();
    assert.equal(await field(page).inputValue(), "as it was, and more");
    await field(page).press("Enter");
    await seesLast(page, "as it was, and more");
    assert.equal(await field(page).inputValue(), "a draft");
    await page.context().close();
  });

  for (const [room, query] of [
    ["deleted", ""],
    ["deleted over polls", "?transport=poll"],
  ] as const) {
    test(`[MSG-12] what one writes into a message that another tab deletes becomes the draft of a new one${query}`, async () => {
      const page = await stage.visit({ path: `r/${room}${query}`, name: "Ada" });
      await say(page, "to be changed");
      await seesLast(page, "to be changed");
      const other = await page.context().newPage();
      await other.goto(page.url());
      await row(other, "to be changed").waitFor();
      // A page that nobody sees is drawn when somebody does.
      await page.bringToFront();
      await field(page).fill("a draft");
      await press(page, "to be changed", "e");
      await page.getByText("Changing your message").waitFor();
      await page.keyboard.type(" at length");
      await other.bringToFront();
      await deletes(other, "to be changed");
      await page.bringToFront();
      await page
        .getByText("The message was deleted meanwhile. What you wrote is kept as a new one.")
        .waitFor();
      assert.equal(await field(page).inputValue(), "a draft\nto be changed at length");
      await page.reload();
      assert.equal(await field(page).inputValue(), "a draft\nto be changed at length");
      await field(page).press("Enter");
      await seesLast(page, "message erased", "a draft\nto be changed at length");
      await page.context().close();
    });
  }

  test("[MSG-9] the field that answers a message shows nothing of it any more once it is deleted", async () => {
    const ada = await stage.visit({ path: "r/answered", name: "Ada" });
    const bob = await stage.visit({ path: "r/answered", name: "Bob" });
    await say(ada, "a slip of the tongue");
    await seesLast(bob, "a slip of the tongue");
    await press(bob, "a slip of the tongue", "r");
    await bob.locator(".composer-mode", { hasText: "a slip of the tongue" }).waitFor();
    await deletes(ada, "a slip of the tongue");
    await bob.getByText("Replying to a message that is gone").waitFor();
    assert.equal(await bob.locator("main, footer").getByText("a slip of the tongue").count(), 0);
    await bob.keyboard.type("I heard nothing");
    await bob.keyboard.press("Enter");
    await seesLast(ada, "message erased", "I heard nothing");
    await row(ada, "I heard nothing").getByText("A message that is gone").waitFor();
    assert.deepEqual(stage.complaints, []);
  });
});
