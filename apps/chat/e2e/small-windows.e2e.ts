import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { say, seesLast } from "./shown-list.ts";
import { Stage, type VisitOptions } from "./stage.ts";

const PHONE: VisitOptions = { hasTouch: true, isMobile: true, deviceScaleFactor: 2, reducedMotion: "reduce" };
const NARROW = { ...PHONE, viewport: { width: 320, height: 568 } };

/** Controls of the page that lie over one another, or reach out of what cuts them off, as words. */
function tangled(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const shown = [...document.querySelectorAll("header button, header .dot, h1, .foot button, textarea")]
      .filter((element) => element.checkVisibility() && element.closest("dialog, .attach") === null)
      .map((element) => ({ element, box: element.getBoundingClientRect() }));
    const found: string[] = [];
    for (const [index, one] of shown.entries()) {
      if (one.box.left < 0 || one.box.right > innerWidth + 0.5)
        found.push(`outside: ${one.element.outerHTML}`);
      for (const other of shown.slice(index + 1)) {
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (across > 1 && down > 1)
          found.push(`${one.element.outerHTML.slice(0, 60)} over ${other.element.outerHTML.slice(0, 60)}`);
      }
    }
    return found;
  });
}

/** Whether the room's name is read whole. */
function isNameWhole(page: Page): Promise<boolean> {
  return page
    .locator(".room-name bdi")
    .evaluate(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth <= clientWidth);
}

describe("small windows and large letters", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
    await stage.fill("lobby", ["one", "two", "three"], "Somebody with a very long name indeed");
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[A11Y-6] at 320 px the room's name is read whole, and nothing lies over anything", async () => {
    const page = await stage.visit({ ...NARROW, name: "Ada" });
    await seesLast(page, "one", "two", "three");
    // Comes a moment later, and takes its place from the name.
    await page.locator(".room-button").waitFor();
    assert.deepEqual(await tangled(page), []);
    assert.equal(await isNameWhole(page), true);
    await stage.picture(page, "narrow-head");
    await page.context().close();
  });

  test("[A11Y-6] with letters twice as large nothing lies over anything, on a desk and on a phone", async () => {
    for (const options of [
      { viewport: { width: 1280, height: 800 } },
      { ...PHONE, viewport: { width: 390, height: 780 } },
      NARROW,
    ]) {
      const page = await stage.visit({ ...options, name: "Ada" });
      // As the browser's own settings would, for media queries, too.
      const tools = await page.context().newCDPSession(page);
      await tools.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
      await page.reload();
      await seesLast(page, "one", "two", "three");
      await page.locator(".room-button").waitFor();
      assert.deepEqual(await tangled(page), []);
      await stage.picture(page, `large-letters-${options.viewport.width}`);
      await page.context().close();
    }
  });

  test("[A11Y-6] what can be done with a message of one line stands whole within it, also where a finger wants more", async () => {
    const page = await stage.visit({ ...NARROW, name: "Ada" });
    await say(page, "of one line");
    await say(page, "and another");
    await seesLast(page, "of one line", "and another");
    const line = page.locator(".message", { hasText: "and another" });
    await line.tap();
    const isWithin = async (): Promise<boolean> =>
      await line.evaluate((element) => {
        const [around, within] = [element, element.querySelector(".actions")].map((each) =>
          each?.getBoundingClientRect(),
        );
        return within !== undefined && around !== undefined
          ? within.top >= around.top && within.bottom <= around.bottom && within.height >= 24
          : false;
      });
    await line.getByRole("button", { name: "Delete" }).waitFor();
    assert.equal(await isWithin(), true);
    await line.getByRole("button", { name: "Delete" }).tap();
    await line.getByRole("button", { name: "Keep" }).waitFor();
    assert.equal(await isWithin(), true);
    await page.context().close();
  });

  test("[A11Y-6] on a narrow phone all that a moderator can do with a message stands below its words", async () => {
    const owner = await stage.visit({ ...NARROW, name: "Ada", path: "r/kept-narrow" });
    await say(owner, "mine, and as long as a narrow phone");
    await seesLast(owner, "mine, and as long as a narrow phone");
    await stage.fill("kept-narrow", ["of somebody else, and as long as the phone is wide"]);
    for (const [words, count] of [
      ["mine, and", 7],
      ["of somebody", 6],
    ] as const) {
      const line = owner.locator(".message", { hasText: words });
      await line.tap();
      await line
        .locator(".action")
        .nth(count - 1)
        .waitFor();
      const [text, actions] = await Promise.all([
        line.locator(".text").boundingBox(),
        line.locator(".actions").boundingBox(),
      ]);
      assert.ok(text !== null && actions !== null);
      assert.ok(actions.y >= text.y + text.height, JSON.stringify({ text, actions }));
      assert.ok(actions.x >= 0 && actions.x + actions.width <= 320, JSON.stringify(actions));
    }
    await owner.context().close();
  });

  test("[A11Y-6] what is done about a long message is no wider than the window", async () => {
    const owner = await stage.visit({ ...NARROW, name: "Ada", path: "r/kept" });
    await say(owner, "mine");
    await seesLast(owner, "mine");
    await stage.fill("kept", ["A line of somebody else that is longer than a phone is wide."]);
    await owner.locator(".message", { hasText: "somebody else" }).tap();
    await owner.getByRole("button", { name: "Moderate" }).tap();
    const dialog = owner.getByRole("dialog", { name: "Moderate" });
    await dialog.getByRole("button", { name: "Ban" }).waitFor();
    assert.ok(await dialog.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth));
    await owner.context().close();
  });

  test("[A11Y-6] a long name of a room makes the field no higher", async () => {
    const page = await stage.visit({ ...NARROW, name: "Ada", path: `r/${"a-long-name-".repeat(9)}end` });
    await page.getByText("Nothing was said here yet").waitFor();
    const height = async (): Promise<number> =>
      (await page.getByRole("textbox", { name: "Message" }).boundingBox())?.height ?? 0;
    const empty = await height();
    await page.getByRole("textbox", { name: "Message" }).fill("a word");
    assert.equal(empty, await height());
    await page.context().close();
  });

  test("[A11Y-6] names that are suggested and the field are seen together in a low window", async () => {
    const people = ["Ann", "Anna", "Anne", "Annie", "Annika", "Anton"];
    for (const name of people) await stage.fill("crowd", ["here"], name);
    const page = await stage.visit({ path: "r/crowd", viewport: { width: 640, height: 360 } });
    await page.locator(".message").nth(5).waitFor();
    await page.getByRole("textbox", { name: "Message" }).pressSequentially("@an");
    const seen = [page.getByRole("textbox", { name: "Message" }), page.getByRole("option").first()];
    await seen[1]?.waitFor();
    for (const each of seen) {
      const box = await each.boundingBox();
      assert.ok(box !== null && box.y > 0 && box.y + box.height <= 360, JSON.stringify(box));
    }
    await page.context().close();
  });

  test("[A11Y-6] the field one writes in stays in sight below a name that is asked for and a connection that is lost", async () => {
    const page = await stage.visit(NARROW);
    await page.locator(".message[data-offset]").first().waitFor();
    await stage.killServer();
    await page.getByRole("button", { name: "Try now" }).waitFor();
    await page.getByLabel("What should people call you?").waitFor();
    const box = await page.getByRole("textbox", { name: "Message" }).boundingBox();
    assert.ok(box !== null && box.y > 0 && box.y + box.height <= 568, JSON.stringify(box));
    assert.deepEqual(stage.complaints, []);
  });
});
