import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { say, seesLast, shownTexts } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const field = (page: Page): Locator => page.getByRole("textbox", { name: "Message" });
const row = (page: Page, text: string): Locator =>
  page.locator(".message[data-offset]", { has: page.locator(".text", { hasText: text }) });

/** Waits until the field is for a change of that text. */
async function changes(page: Page, text: string): Promise<void> {
  await page.getByText("Changing your message").waitFor();
  await page.waitForFunction((wanted) => document.querySelector("textarea")?.value === wanted, text);
}

/** Presses a button of the message's own, as one does who points at it. */
async function act(page: Page, text: string, name: string): Promise<void> {
  await row(page, text).hover();
  await row(page, text).getByRole("button", { name, exact: true }).click();
}

describe("messages", () => {
  test("[MSG-4] [MSG-5] [MSG-7] [MSG-9] what one edits, deletes, reacts to and answers the other sees, and a page that comes later", async () => {
    await using stage = await Stage.set();
    const ada = await stage.visit({ name: "Ada" });
    const bob = await stage.visit({ name: "Bob" });
    await say(ada, "the first");
    await say(ada, "a secret slip");
    // Else Bob's may be stored before it.
    await seesLast(bob, "the first", "a secret slip");
    await say(bob, "of Bob");
    await seesLast(ada, "the first", "a secret slip", "of Bob");

    // Another's message offers no change of it.
    await row(bob, "the first").hover();
    await row(bob, "the first").getByRole("button", { name: "Reply", exact: true }).waitFor();
    assert.equal(await row(bob, "the first").getByRole("button", { name: "Edit" }).count(), 0);
    assert.equal(await row(bob, "the first").getByRole("button", { name: "Delete" }).count(), 0);

    // An arrow up changes one's last, and a draft survives it.
    await field(ada).press("ArrowUp");
    await changes(ada, "a secret slip");
    await field(ada).press("Escape");
    await ada.getByText("Changing your message").waitFor({ state: "detached" });
    await field(ada).fill("a draft");
    await act(ada, "the first", "Edit");
    await changes(ada, "the first");
    await field(ada).fill("the first, changed");
    await field(ada).press("Enter");
    await row(bob, "the first, changed").getByText("edited").waitFor();
    assert.equal(await field(ada).inputValue(), "a draft");

    // A reply quotes what it answers as it is.
    await act(bob, "the first, changed", "Reply");
    await bob.getByText("Replying to").waitFor();
    await field(bob).pressSequentially("an answer :tad");
    await bob.getByRole("option", { name: ":tada:" }).waitFor();
    await field(bob).pressSequentially("a:");
    await field(bob).press("Enter");
    await row(ada, "an answer 🎉").locator(".quote", { hasText: "Ada the first, changed" }).waitFor();

    // Reactions, by the usual ones, by name, and back again.
    await act(bob, "the first, changed", "React");
    await bob.getByRole("button", { name: "+1", exact: true }).click();
    await row(ada, "the first, changed").getByRole("button", { name: "👍 1: Bob" }).click();
    await row(bob, "the first, changed")
      .getByRole("button", { name: /^👍 2: Bob \w{4}, Ada \w{4}$/ })
      .waitFor();
    await act(ada, "of Bob", "React");
    await ada.getByRole("textbox", { name: "Find an emoji by its name" }).fill("rocket");
    await ada.getByRole("button", { name: "rocket", exact: true }).waitFor();
    await stage.picture(ada, "messages-picker");
    await ada.keyboard.press("Enter");
    await row(bob, "of Bob").getByRole("button", { name: "🚀 1: Ada" }).waitFor();
    await row(bob, "the first, changed")
      .getByRole("button", { name: /^👍 2: Bob \w{4}, Ada \w{4}$/ })
      .click();
    await row(ada, "the first, changed").getByRole("button", { name: "👍 1: Ada" }).waitFor();
    await stage.picture(ada, "messages");

    // A deletion asks once, leaves a place, and no text in the log.
    await act(ada, "a secret slip", "Delete");
    await stage.picture(ada, "messages-delete");
    await ada.getByRole("button", { name: "Delete", exact: true }).click();
    await bob.getByText("message erased").waitFor();
    await row(ada, "message erased").waitFor();
    await ada.locator(".message.is-changing").waitFor({ state: "detached" });
    const { messages } = await stage.historyErased("lobby", 1);
    assert.doesNotMatch(JSON.stringify(messages), /secret/);
    assert.equal(messages.filter(({ redacted }) => redacted === true).length, 1);

    const eve = await stage.visit({ name: "Eve" });
    await row(eve, "the first, changed").getByRole("button", { name: "👍 1: Ada" }).waitFor();
    await seesLast(eve, ...(await shownTexts(ada)));
    assert.deepEqual(stage.complaints, []);
  });

  test("[MSG-3] of very many kinds of reactions the first are shown with one's own, and all once they are asked for", async () => {
    await using stage = await Stage.set();
    const ada = await stage.visit({ name: "Ada" });
    await say(ada, "liked");
    await seesLast(ada, "liked");
    const kinds = Array.from({ length: 30 }, (_, index) => String.fromCodePoint(0x1f400 + index));
    await stage.react("lobby", kinds);
    const shown = row(ada, "liked").locator(".reaction");
    await row(ada, "liked").getByRole("button", { name: "+6 more reactions" }).waitFor();
    assert.equal(await shown.count(), 25);
    await act(ada, "liked", "React");
    await ada.getByRole("button", { name: "tada", exact: true }).click();
    await row(ada, "liked").getByRole("button", { name: "🎉 1: Ada", pressed: true }).waitFor();
    await row(ada, "liked").getByRole("button", { name: "+6 more reactions" }).focus();
    await ada.keyboard.press("Enter");
    await shown.nth(30).waitFor();
    assert.equal(await row(ada, "liked").getByRole("button", { name: "more" }).count(), 0);
    // The focus is in the row of them still.
    assert.equal(await ada.evaluate(() => document.activeElement?.className), "reaction");
    assert.deepEqual(stage.complaints, []);
  });

  test("[MSG-6] [MSG-8] [MSG-10] markup becomes elements, names and emoji are completed, and typing is told", async () => {
    await using stage = await Stage.set();
    const ada = await stage.visit({ name: "Ada" });
    const bob = await stage.visit({ name: "Bob" });
    await say(ada, "hello");
    await seesLast(bob, "hello");
    await field(bob).pressSequentially("so @a");
    await ada.getByText("Bob is typing…").waitFor();
    await bob.getByRole("option", { name: "Ada" }).waitFor();
    await field(bob).press("Enter");
    await field(bob).pressSequentially("look :rocke");
    await bob.getByRole("option", { name: ":rocket:" }).waitFor();
    await stage.picture(bob, "messages-completion");
    await field(bob).press("Tab");
    assert.equal(await field(bob).inputValue(), "so @Ada look 🚀 ");
    await field(bob).press("Enter");
    await ada.locator(".mention.is-me", { hasText: "@Ada" }).waitFor();
    await ada.locator(".typing", { hasText: "typing" }).waitFor({ state: "detached" });

    const source =
      "**bold** and *slanted* `code` [a link](https://parlor.example/x)\n\n- one\n- two\n\n```ts\nconst a = 1;\n```";
    await field(bob).fill(source);
    await field(bob).press("Enter");
    for (const page of [ada, bob]) {
      const text = page.locator(".message[data-offset] .text.is-marked").last();
      await text.locator(".code-keyword", { hasText: "const" }).waitFor();
      assert.deepEqual(await text.locator("strong, em, :not(pre) > code, a, li").allTextContents(), [
        "bold",
        "slanted",
        "code",
        "a link",
        "one",
        "two",
      ]);
    }
    await stage.picture(ada, "messages-markup");
    await say(
      bob,
      "<b>not bold</b> [x](javascript:alert(1)) [https://bank.example](https://elsewhere.example)",
    );
    const last = ada.locator(".message[data-offset]").last();
    await last.locator("a", { hasText: "https://elsewhere.example/" }).waitFor();
    assert.equal(await last.locator("b").count(), 0);
    assert.equal(await last.locator(".text a").count(), 1);
    assert.deepEqual(stage.complaints, []);
  });

  test("[MSG-4] what one changes while the server is gone shows at once and waits; what is refused says so, and can be discarded", async () => {
    await using stage = await Stage.set(["--max-body-bytes", "300"]);
    const ada = await stage.visit({
      name: "Ada",
      viewport: { width: 390, height: 700 },
      colorScheme: "dark",
    });
    const bob = await stage.visit({ name: "Bob" });
    await say(bob, "liked");
    await seesLast(ada, "liked");
    await say(ada, "one");
    await say(ada, "two");
    await seesLast(bob, "liked", "one", "two");

    // By keyboard, on a message that has the focus.
    await row(ada, "one").focus();
    await ada.keyboard.press("e");
    await changes(ada, "one");
    await field(ada).fill("x".repeat(400));
    await field(ada).press("Enter");
    await row(ada, "one")
      .getByText(/Not changed: .+/)
      .waitFor();
    await stage.picture(ada, "messages-refused");
    await row(ada, "one").getByRole("button", { name: "Discard" }).click();
    await ada.getByText("Not changed").waitFor({ state: "detached" });

    await stage.killServer();
    await row(ada, "one").focus();
    await ada.keyboard.press("e");
    await changes(ada, "one");
    await field(ada).fill("one, changed");
    await field(ada).press("Enter");
    await row(ada, "two").focus();
    await ada.keyboard.press("Delete");
    await row(ada, "two").getByRole("button", { name: "Delete", exact: true }).click();
    await row(ada, "liked").focus();
    await ada.keyboard.press("+");
    await ada.getByRole("button", { name: "+1", exact: true }).click();
    await seesLast(ada, "liked", "one, changed", "message erased");
    await ada.waitForFunction(() => document.querySelectorAll(".message.is-changing").length === 3);
    await stage.picture(ada, "messages-waiting");
    await stage.restartServer();
    await seesLast(bob, "liked", "one, changed", "message erased");
    await row(bob, "liked").getByRole("button", { name: "👍 1: Ada" }).waitFor();
    await ada.locator(".message.is-changing").first().waitFor({ state: "detached" });
    assert.doesNotMatch(JSON.stringify(await stage.historyErased("lobby", 1)), /"two"/);
    assert.deepEqual(stage.complaints, []);
  });
});
