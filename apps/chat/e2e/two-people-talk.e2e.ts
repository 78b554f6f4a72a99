import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { addressOf } from "./address.ts";
import { say, seesLast, shownList, shownTexts } from "./shown-list.ts";
import { Stage } from "./stage.ts";

describe("two people in a room", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[PAGE-13] what one writes the other sees, in one order, with the author's name", async () => {
    const ada = await stage.visit({ name: "Ada" });
    const bob = await stage.visit({ name: "Bob" });
    await say(ada, "Hello, Bob.");
    await seesLast(bob, "Hello, Bob.");
    await say(bob, "Hello, Ada.\nHow are you?".replace("\n", " "));
    await seesLast(ada, "Hello, Bob.", "Hello, Ada. How are you?");
    assert.deepEqual(await shownTexts(ada), await shownTexts(bob));
    assert.deepEqual(
      (await shownList(bob)).map(({ author, isOwn }) => [author, isOwn]),
      [
        ["Ada", false],
        ["Bob", true],
      ],
    );
    assert.equal((await addressOf(ada)).pathname, "/r/lobby");
  });

  test("[PAGE-11] two people of one name are told apart by their tags", async () => {
    const one = await stage.visit({ path: "r/names", name: "Ada" });
    const other = await stage.visit({ path: "r/names", name: "Ada" });
    await say(one, "I am Ada.");
    await seesLast(other, "I am Ada.");
    await say(other, "So am I.");
    await seesLast(one, "I am Ada.", "So am I.");
    const tags = await one.locator(".message[data-key] .tag").allTextContents();
    assert.equal(new Set(tags).size, 2);
    await other.locator(".message[data-offset]", { hasText: "I am Ada." }).focus();
    await other.keyboard.press("+");
    await other.getByRole("button", { name: "+1", exact: true }).click();
    await one.getByRole("button", { name: `👍 1: Ada ${tags[1]}`, exact: true }).waitFor();
  });

  test("[PAGE-10] a name that was chosen, and a draft, are there after a reload", async () => {
    const page = await stage.visit({ path: "r/kept" });
    const asked = page.getByLabel("What should people call you?");
    await asked.fill("Lovelace");
    await asked.press("Enter");
    await page.getByRole("textbox", { name: "Message" }).fill("half a thou");
    await page.reload();
    assert.equal(await page.getByRole("textbox", { name: "Message" }).inputValue(), "half a thou");
    assert.equal(await asked.count(), 0);
    await page.keyboard.press("Enter");
    await seesLast(page, "half a thou");
    assert.equal((await shownList(page)).at(-1)?.author, "Lovelace");
  });

  test("[PAGE-10] one can talk as a guest at once, and is not asked again", async () => {
    const page = await stage.visit({ path: "r/guests" });
    await say(page, "No name yet.");
    await seesLast(page, "No name yet.");
    assert.equal((await shownList(page)).at(-1)?.author, "Guest");
    await page.getByRole("button", { name: "Stay a guest" }).click();
    await page.reload();
    await seesLast(page, "No name yet.");
    assert.equal(await page.getByRole("button", { name: "Stay a guest" }).count(), 0);
  });

  test("[PAGE-9] one goes to another room by its name, and back by the browser's button", async () => {
    const page = await stage.visit({ path: "r/first", name: "Ada" });
    await say(page, "In the first room.");
    await seesLast(page, "In the first room.");
    await page.getByLabel("Find a room, or go to one").fill("..");
    await page.keyboard.press("Enter");
    await page.getByText("A room's name is not").waitFor();
    await page.getByLabel("Find a room, or go to one").fill("café / night");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "café / night" }).waitFor();
    assert.equal((await addressOf(page)).pathname, "/r/caf%C3%A9%20%2F%20night");
    await say(page, "In the other.");
    await seesLast(page, "In the other.");
    await page.goBack();
    await page.getByRole("heading", { name: "first" }).waitFor();
    assert.deepEqual(await shownTexts(page), ["In the first room."]);
  });

  test("[PAGE-9] an address that can't be a room says why, and leads to the lobby", async () => {
    const page = await stage.visit({ path: "r/e%CC%81" });
    await page.getByText("A room's name is in Unicode's normal form NFC.").waitFor();
    // There is nothing to be connected to, and so nothing to be said of it.
    assert.equal(await page.locator(".dot").count(), 0);
    await page.getByRole("link", { name: "Go to the lobby" }).click();
    await page.getByRole("heading", { name: "lobby" }).waitFor();
  });

  test("[PAGE-7] what strangers write is shown and never run", async () => {
    const nasty = [
      "<img src=x onerror=\"document.title='run'\">",
      "<script>document.title='run'</script>",
      'javascript:alert(1) data:text/html,x https://a.example/?q="><b>',
      "\u202eesrever \u2066\u2067 all of it",
      `x${"\u0335".repeat(500)}`,
      "w".repeat(60_000),
    ];
    await stage.fill("nasty", nasty, "\u202e<b>A\u200bda</b>");
    const page = await stage.visit({ path: "r/nasty", name: "Ada" });
    await page
      .locator(".message[data-offset]")
      .nth(nasty.length - 1)
      .waitFor();
    assert.deepEqual((await shownTexts(page)).slice(0, 5), nasty.slice(0, 5));
    assert.equal((await shownList(page))[0]?.author, "<b>Ada</b>");
    assert.deepEqual(
      await page.locator(".text a").evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
      ["https://a.example/?q="],
    );
    assert.equal(await page.title(), "nasty · Parlor");
    await page.getByRole("button", { name: "Show all 60,000 characters" }).click();
    await page.getByText("Show all").waitFor({ state: "detached" });
    assert.equal((await shownTexts(page))[5]?.length, 60_000);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  });

  test("[PAGE-7] bodies of other programs are shown too, and what is about another message is not", async () => {
    const post = (body: unknown): Promise<Response> =>
      fetch(new URL("rooms/other/messages", stage.url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    for (const body of ["plain words", { text: "with a name", name: "Eve" }, { degrees: 21.5 }]) {
      assert.equal((await post(body)).status, 201);
    }
    const page = await stage.visit({ path: "r/other", name: "Ada" });
    await seesLast(page, "plain words", "with a name", '{"degrees":21.5}');
    assert.deepEqual(
      (await shownList(page)).map(({ author }) => author),
      ["Guest", "Eve", "Guest"],
    );
  });

  test("[PAGE-10] a text that is too long is told before it is sent, and kept", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    const field = page.getByRole("textbox", { name: "Message" });
    await field.fill("é".repeat(40_000));
    await page.getByText(/Too long by [0-9,]+ bytes/).waitFor();
    assert.equal(await page.getByRole("button", { name: "Send" }).isDisabled(), true);
    await field.press("Enter");
    assert.equal((await field.inputValue()).length, 40_000);
  });

  test("[PAGE-2] what can't be stored stays with its reason, to be tried again or discarded", async () => {
    await using small = await Stage.set(["--max-body-bytes", "200"]);
    const page = await small.visit({ name: "Ada" });
    await page.getByText("Nothing was said here yet").waitFor();
    const long = "far too long ".repeat(30).trim();
    await say(page, long);
    await page.getByText(/^Not sent: .*200/).waitFor();
    await say(page, "short");
    await seesLast(page, "short");
    assert.deepEqual(await shownTexts(page), ["short", long]);
    // It moved past the refused one as it came in; its rule must be whole all the same.
    const rule = page.locator(".message[data-offset] .message-body");
    assert.equal(await rule.evaluate((body) => getComputedStyle(body).borderImageSource), "none");
    await small.picture(page, "refused");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText(/^Not sent: .*200/).waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByText(/^Not sent/).waitFor({ state: "detached" });
    assert.deepEqual(await shownTexts(page), ["short"]);
    assert.deepEqual(small.complaints, []);
  });

  test("[PAGE-10] Shift and Enter make a line, and Enter sends it with its lines", async () => {
    const page = await stage.visit({ path: "r/lines", name: "Ada" });
    await page.getByRole("textbox", { name: "Message" }).focus();
    await page.keyboard.type("one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("two");
    await page.keyboard.press("Enter");
    await seesLast(page, "one\ntwo");
  });

  test("[PAGE-12] what arrives is announced once, and one's own words are not", async () => {
    const listener = await stage.visit({ path: "r/heard", name: "Ada" });
    await say(listener, "my own");
    await seesLast(listener, "my own");
    await stage.fill("heard", ["good evening"]);
    await listener
      .locator("[role=status]", { hasText: "Grace: good evening" })
      .waitFor({ state: "attached" });
  });

  test("[PAGE-14] no page complained of its policy or of a fault", () => {
    assert.deepEqual(stage.complaints, []);
  });
});
