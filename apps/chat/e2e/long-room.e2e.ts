import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import type { Page } from "playwright-core";
import { MAX_SHOWN } from "../web/model/timeline.ts";
import { say, seesLast, seesRows, shownTexts } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const COUNT = 500;
const row = (page: Page, text: string) => page.locator(".message[data-offset]").filter({ hasText: text });

/** The texts before and after the line, nearest first. */
async function aroundLine(page: Page): Promise<readonly (string | undefined)[]> {
  return await page.locator(".divider.is-unread").evaluate((line) => {
    const texts = (element: Element | null) =>
      [...(element?.querySelectorAll(".text") ?? [])].map(({ textContent }) => textContent);
    return [texts(line.previousElementSibling).at(-1), texts(line.nextElementSibling).at(0)];
  });
}

/** The text of the message that has the focus; "list" for the list itself. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement?.classList.contains("scroll")) return "list";
    return activeElement?.querySelector(".text")?.textContent ?? activeElement?.className ?? "";
  });
}

describe("a long room", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
    const author = new ParlorClient(stage.url);
    const room = author.room("long");
    const said = Array.from({ length: COUNT }, (_, i) =>
      room.publish({ text: `line ${i + 1}.`, name: "Grace" }),
    );
    await Promise.all(said);
    await room.publish({ edit: "line 30, as it was meant." }, { re: 30 });
    await room.publish({ react: "👍", name: "Grace" }, { re: 31 });
    author.close();
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[HIST-4] [HIST-2] a link to a message opens the room there, with what was said about it and what is around it", async () => {
    const page = await stage.visit({ path: "r/long#m-30", name: "Ada" });
    const linked = row(page, "line 30, as it was meant.");
    await linked.waitFor();
    assert.match((await linked.getAttribute("class")) ?? "", /is-gone-to/);
    const [top, height] = [(await linked.boundingBox())?.y ?? -1, page.viewportSize()?.height ?? 0];
    assert.ok(top > 0 && top < height);
    assert.equal(await row(page, "line 31.").getByText("👍").count(), 1);
    await row(page, "line 29.").waitFor();
    await page.locator(".jump:not(.is-up)").click();
    await page.waitForFunction(
      (text) => document.querySelector(".scroll")?.textContent?.includes(text),
      `line ${COUNT}.`,
    );
    assert.ok((await shownTexts(page)).length <= MAX_SHOWN);
    await page.context().close();
  });

  test("[HIST-4] a link to a message of a short room opens it there, and stays there", async () => {
    await stage.fill(
      "short",
      Array.from({ length: 40 }, (_, i) => `word ${i + 1}.`),
    );
    const page = await stage.visit({ path: "r/short#m-3", name: "Ada" });
    await page.waitForFunction(() => document.activeElement?.matches('.message[data-offset="3"]') === true);
    // Where the reader is not at the end there is a way to it.
    await page.getByRole("button", { name: "Newest" }).waitFor();
    await seesRows(page, 40);
    assert.equal(await focused(page), "word 3.");
    assert.equal(await page.getByRole("button", { name: "Newest" }).count(), 1);
    await page.context().close();
  });

  test("[HIST-4] a link to a message of a room that is all in sight leaves no way to a newest that is there", async () => {
    await stage.fill("brief", ["one", "two"]);
    const page = await stage.visit({ path: "r/brief#m-1", name: "Ada" });
    await page.locator('.message[data-offset="1"].is-gone-to').waitFor();
    await seesLast(page, "one", "two");
    assert.equal(await focused(page), "one");
    await page.getByRole("button", { name: "Newest" }).waitFor({ state: "detached" });
    // What comes is followed to the end.
    await stage.fill(
      "brief",
      Array.from({ length: 40 }, (_, i) => `more ${i + 1}`),
    );
    await seesLast(page, "more 40");
    await page.waitForFunction(() => {
      const list = document.querySelector(".scroll");
      return list !== null && list.scrollHeight - list.scrollTop - list.clientHeight < 2;
    });
    await page.context().close();
  });

  test("[HIST-4] a link to a message of a room where nothing was said says that it is not there, too", async () => {
    const page = await stage.visit({ path: "r/nothing#m-5", name: "Ada" });
    await page.getByText("That message is not in this room").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByText("That message is not in this room").waitFor({ state: "detached" });
    await page.getByText("Nothing was said here yet").waitFor();
    await page.context().close();
  });

  test("[HIST-4] a link to what is not there says so, and the room is there all the same", async () => {
    const page = await stage.visit({ path: "r/long#m-99999", name: "Ada" });
    await page.getByText("That message is not in this room").waitFor();
    await row(page, `line ${COUNT}.`).waitFor();
    await page.context().close();
  });

  test("[HIST-5] a line stands where one stopped reading, and goes when one answers", async () => {
    await stage.fill("unread", ["read 1", "read 2"]);
    const page = await stage.visit({ path: "r/unread", name: "Ada" });
    await seesLast(page, "read 1", "read 2");
    assert.equal(await page.locator(".divider.is-unread").count(), 0);
    // How far it was read is written down when the page goes.
    await page.goto(new URL("healthz", stage.url).href);
    await stage.fill("unread", ["new 1", "new 2"]);
    await page.goto(new URL("r/unread", stage.url).href);
    await seesLast(page, "new 1", "new 2");
    assert.deepEqual(await aroundLine(page), ["read 2", "new 1"]);
    await stage.picture(page, "unread-line");
    await say(page, "Read it.");
    await seesLast(page, "new 2", "Read it.");
    assert.equal(await page.locator(".divider.is-unread").count(), 0);
    await page.context().close();
  });

  test("[HIST-5] no line stands above what comes while one looks, also where one was away and nothing was new", async () => {
    await stage.fill("looked at", ["read 1"]);
    const page = await stage.visit({ path: "r/looked at", name: "Ada" });
    await seesLast(page, "read 1");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("elsewhere");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "elsewhere" }).waitFor();
    await page.goBack();
    await seesLast(page, "read 1");
    await stage.fill("looked at", ["seen as it came"]);
    await seesLast(page, "read 1", "seen as it came");
    assert.equal(await page.locator(".divider.is-unread").count(), 0);
    await page.reload();
    await seesLast(page, "read 1", "seen as it came");
    await stage.fill("looked at", ["and this"]);
    await seesLast(page, "seen as it came", "and this");
    assert.equal(await page.locator(".divider.is-unread").count(), 0);
    await page.context().close();
  });

  test("[HIST-6] after a long absence the newest is there at once, and one goes up to where one stopped", async () => {
    await stage.fill("absence", ["before 1", "before 2"]);
    const page = await stage.visit({ path: "r/absence", name: "Ada" });
    await seesLast(page, "before 1", "before 2");
    await page.goto(new URL("healthz", stage.url).href);
    await stage.fill(
      "absence",
      Array.from({ length: 400 }, (_, i) => `meanwhile ${i + 1}.`),
    );
    await page.goto(new URL("r/absence", stage.url).href);
    await seesLast(page, "meanwhile 400.");
    await seesRows(page, 40);
    const shown = await shownTexts(page);
    assert.ok(shown.length >= 40 && shown.length <= MAX_SHOWN && !shown.includes("before 2"));
    await page.getByRole("button", { name: "To where you stopped reading" }).click();
    await row(page, "before 2").waitFor();
    assert.deepEqual(await aroundLine(page), ["before 2", "meanwhile 1."]);
    await stage.picture(page, "long-absence");
    await page.context().close();
  });

  test("[LIST-1] the list is one stop of the Tab key, and arrows, Home and End walk its messages", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    await row(page, `line ${COUNT}.`).waitFor();
    await page.locator(".scroll").focus();
    await page.keyboard.press("ArrowUp");
    // What walks the list may still be on its way.
    await page.waitForFunction(() => document.activeElement?.matches(".message") === true);
    assert.equal(await focused(page), `line ${COUNT}.`);
    await page.keyboard.press("ArrowUp");
    assert.equal(await focused(page), `line ${COUNT - 1}.`);
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(page), "list");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(page), `line ${COUNT - 1}.`);
    await seesRows(page, 40);
    const [oldest] = await shownTexts(page);
    await page.keyboard.press("Home");
    assert.equal(await focused(page), oldest);
    await page.keyboard.press("End");
    assert.equal(await focused(page), `line ${COUNT}.`);
    assert.equal(await page.locator('.scroll .message[tabindex="0"]').count(), 0);
    await page.context().close();
  });

  test("[HIST-3] Enter right behind a letter sends that letter, too, however the drawing is paced", async () => {
    const page = await stage.visit({ path: "r/fast", name: "Ada" });
    await page.getByRole("textbox", { name: "Message" }).fill("quic");
    // In one turn, so that no frame comes in between.
    await page.evaluate(() => {
      const field = document.querySelector("textarea");
      if (field === null) return;
      field.value = "quick";
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    });
    await seesLast(page, "quick");
    await page.context().close();
  });

  test("[HIST-3] a letter behind letters waits for no drawing, and one behind an act for what that changed", async () => {
    const page = await stage.visit({ path: "r/fast", name: "Ada" });
    await page.getByRole("textbox", { name: "Message" }).focus();
    // What is to be drawn between two keys of one turn is there when the second was heard.
    const isDrawnBetween = (...keys: readonly [first: string, second: string]) =>
      page.evaluate(async ([first, second]) => {
        const field = document.querySelector("textarea");
        const hint = document.querySelector("#composer-length");
        if (field === null || hint === null) throw new Error("nothing to write in");
        // Until nothing is left to be drawn.
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
        const press = (key: string): boolean =>
          field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        press(first);
        const was = hint.textContent;
        field.value = was === "" ? "long ".repeat(20_000) : "short";
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        press(second);
        return hint.textContent !== was;
      }, keys);
    assert.equal(await isDrawnBetween("x", "x"), false);
    assert.equal(await isDrawnBetween("x", "Shift"), true);
    assert.equal(await isDrawnBetween("Shift", "x"), true);
    await page.context().close();
  });

  test("[PAGE-14] no page complained of its policy or of a fault", () => {
    assert.deepEqual(stage.complaints, []);
  });
});
