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

/** Says something and begins to change it, with a draft in the field; the page in front of another tab of the room, which is returned. */
async function beginsChange(page: Page): Promise<Page> {
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
  return other;
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
      const other = await beginsChange(page);
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

  test("[MSG-12] a change, and an answer, go on where they were when the page is loaded anew, in the tab they were begun in", async () => {
    const page = await stage.visit({ path: "r/anew", name: "Ada" });
    await say(page, "as it was");
    await seesLast(page, "as it was");
    await field(page).fill("a draft");
    await press(page, "as it was", "e");
    await page.getByText("Changing your message").waitFor();
    await page.keyboard.type(", and more");
    const other = await page.context().newPage();
    await other.goto(page.url());
    await row(other, "as it was").waitFor();
    assert.equal(await field(other).inputValue(), "a draft");
    assert.equal(await other.getByText("Changing your message").count(), 0);
    await page.bringToFront();
    await page.reload();
    await page.getByText("Changing your message").waitFor();
    assert.equal(await field(page).inputValue(), "as it was, and more");
    await field(page).press("Enter");
    await seesLast(page, "as it was, and more");
    assert.equal(await field(page).inputValue(), "a draft");

    await press(page, "as it was, and more", "r");
    await page.locator(".composer-mode", { hasText: "Replying to Ada" }).waitFor();
    await field(page).fill("an answer");
    await page.reload();
    await page.locator(".composer-mode", { hasText: "Replying to Ada as it was, and more" }).waitFor();
    await field(page).press("Enter");
    await row(page, "an answer").locator(".quote").waitFor();
    // What is done is done.
    await page.reload();
    await row(page, "an answer").waitFor();
    assert.equal(await page.locator(".composer-mode").count(), 0);
    await page.context().close();
  });

  test("[MSG-12] a change of a message that is deleted while the page is gone becomes the draft of a new one", async () => {
    const page = await stage.visit({ path: "r/deleted-anew", name: "Ada" });
    await say(page, "to be changed");
    await seesLast(page, "to be changed");
    await press(page, "to be changed", "e");
    await page.getByText("Changing your message").waitFor();
    await page.keyboard.type(" at length");
    const other = await page.context().newPage();
    await other.goto(page.url());
    await row(other, "to be changed").waitFor();
    const { origin, pathname } = new URL(page.url());
    await page.goto(`${origin}/readyz`);
    await deletes(other, "to be changed");
    await page.bringToFront();
    await page.goto(origin + pathname);
    await page.getByText("The message was deleted meanwhile. What you wrote is kept as a new one.").waitFor();
    assert.equal(await field(page).inputValue(), "to be changed at length");
    await page.context().close();
  });

  test("[MSG-12] a change that one left for another room, of a message that is deleted there, becomes a draft, too", async () => {
    const page = await stage.visit({ path: "r/deleted-left", name: "Ada" });
    const other = await beginsChange(page);
    await page.keyboard.type(" at length");
    await goes(page, "elsewhere");
    await other.bringToFront();
    await deletes(other, "to be changed");
    await page.bringToFront();
    await goes(page, "deleted-left");
    await page.getByText("The message was deleted meanwhile. What you wrote is kept as a new one.").waitFor();
    assert.equal(await field(page).inputValue(), "a draft\nto be changed at length");
    await page.context().close();
  });

  test("[PAGE-10] two tabs of one room keep a draft each", async () => {
    const page = await stage.visit({ path: "r/two-drafts", name: "Ada" });
    const other = await page.context().newPage();
    await other.goto(page.url());
    await field(page).fill("of the first");
    await field(other).fill("of the second");
    for (const each of [page, other]) await each.reload();
    assert.equal(await field(page).inputValue(), "of the first");
    assert.equal(await field(other).inputValue(), "of the second");
    // A tab that is opened then begins with what was written last, and what is sent is nobody's draft any more.
    await say(other, "of the second");
    await seesLast(other, "of the second");
    for (const each of [page, other]) await each.reload();
    assert.equal(await field(page).inputValue(), "of the first");
    assert.equal(await field(other).inputValue(), "");
    await page.context().close();
  });

  test("[MSG-7] what is sent before the names of emoji are there waits for them, and what is written behind it stays", async () => {
    const page = await stage.visit({ path: "about:blank", name: "Ada" });
    let come = (): void => undefined;
    const held = new Promise<void>((resolve) => (come = resolve));
    await page.route(/\/emoji-/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(new URL("r/early", stage.url).href);
    await say(page, "it is done :tada:");
    await page.keyboard.press("End");
    // At once, and not letter by letter: on a busy machine those took longer than names are waited for.
    await page.keyboard.insertText("and the next");
    assert.equal(await page.locator(".message[data-key]").count(), 0);
    come();
    await seesLast(page, "it is done 🎉");
    assert.equal(await field(page).inputValue(), "and the next");
    await page.keyboard.press("Enter");
    await seesLast(page, "it is done 🎉", "and the next");
    await page.context().close();
  });

  test("[MSG-7] where the names of emoji don't come it goes out as it was written", async () => {
    const page = await stage.visit({ path: "about:blank", name: "Ada" });
    await page.route(/\/emoji-/, () => undefined);
    await page.goto(new URL("r/never", stage.url).href);
    await say(page, "it is done :tada:");
    await seesLast(page, "it is done :tada:");
    assert.equal(await field(page).inputValue(), "");
    await page.context().close();
  });

  test("[MSG-8] a name that was begun before the part that completes it is there is completed all the same", async () => {
    await stage.fill("begun", ["hello"], "Grace");
    const page = await stage.visit({ path: "about:blank", name: "Ada" });
    let come = (): void => undefined;
    const held = new Promise<void>((resolve) => (come = resolve));
    await page.route(/\/suggestions-/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(new URL("r/begun", stage.url).href);
    await seesLast(page, "hello");
    await field(page).pressSequentially("so @gr");
    come();
    await page.getByRole("option", { name: "Grace" }).waitFor();
    assert.equal(await field(page).getAttribute("aria-activedescendant"), "composer-suggestions-0");
    await page.keyboard.press("Tab");
    assert.equal(await field(page).inputValue(), "so @Grace ");
    // Drawn a moment behind the text.
    await page.waitForFunction(() => document.querySelector("[aria-activedescendant]") === null);
    await page.context().close();
  });

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
