import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { SLICE_MESSAGES } from "../web/model/page-slices.ts";
import { MAX_SHOWN } from "../web/model/timeline.ts";
import { say, seesLast, shownTexts, topOf } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const COUNT = 1_000;

/** Scrolls by the wheel, as people do. */
async function scrollBy(page: Page, px: number): Promise<void> {
  await page.locator(".scroll").hover();
  await page.mouse.wheel(0, px);
}

function missing(seen: ReadonlySet<string>): number[] {
  return Array.from({ length: COUNT }, (_, index) => index + 1).filter(
    (number) => !seen.has(`message ${number}`),
  );
}

function scrolledTo(page: Page): Promise<number> {
  return page.locator(".scroll").evaluate((list) => Math.round(list.scrollTop));
}

/** The wheel scrolls on for a moment. */
async function atRest(page: Page): Promise<void> {
  for (let last = -1; last !== (await scrolledTo(page)); ) last = await scrolledTo(page);
}

describe("history", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
    const texts = Array.from({ length: COUNT }, (_, index) => `message ${index + 1}`);
    await stage.fill("long", texts);
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[PAGE-6] a room opens at its newest message with the last fifty", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    await seesLast(page, "message 999", "message 1000");
    assert.equal((await topOf(page, "message 1000")) !== null, true);
    const fromEnd = await page
      .locator(".scroll")
      .evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
    assert.ok(Math.abs(fromEnd) < 1);
  });

  test("[HIST-12] while nothing is known of a room yet nobody is told that it begins with what they wrote", async () => {
    const page = await stage.visit({ path: "about:blank", name: "Ada" });
    // Servers that say nothing.
    await page.routeWebSocket(/./, () => undefined);
    await page.route(/./, async (route) => {
      if (!["fetch", "xhr", "eventsource"].includes(route.request().resourceType())) await route.continue();
    });
    await page.goto(new URL("r/long", stage.url).href);
    await say(page, "already written");
    await page.locator(".message", { hasText: "already written" }).waitFor();
    await page.getByText("Reading what was said before…").waitFor();
    assert.equal(await page.getByText("This is where").count(), 0);
    await page.context().close();
  });

  test("[HIST-1] however much is read, no task draws more than a few messages of it", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    await seesLast(page, "message 1000");
    await page.locator(".edge").waitFor({ state: "attached" });
    // An observer is called behind the task, with all that was drawn in it.
    const most = await page.evaluate(async () => {
      const list = document.querySelector(".scroll");
      const rows = document.querySelector(".scroll-content");
      if (list === null || rows === null) return Infinity;
      let drawn = 0;
      new MutationObserver((changes) => {
        const added = new Set(changes.flatMap(({ addedNodes }) => [...addedNodes]));
        const messages = [...rows.querySelectorAll(".message")];
        const isAdded = (row: Element): boolean => added.has(row) || added.has(row.parentElement as Element);
        drawn = Math.max(drawn, messages.filter(isAdded).length);
      }).observe(rows, { childList: true, subtree: true });
      const count = (): number => rows.querySelectorAll(".message").length;
      const had = count();
      list.scrollTop = 0;
      while (count() < had + 20) await new Promise(requestAnimationFrame);
      return drawn;
    });
    assert.ok(most > 0 && most <= SLICE_MESSAGES, `${most} in one task`);
  });

  test("[HIST-8] what can be done with a message is drawn where a pointer rests, and not of each that passes under it", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    await seesLast(page, "message 1000");
    await page.locator(".scroll").hover();
    await page.locator(".actions").waitFor();
    const restedMs = await page.evaluate(async () => {
      const enteredAt = new Map<EventTarget | null, number>();
      const rested: number[] = [];
      const enter = ({ target }: Event): void => void enteredAt.set(target, performance.now());
      document.addEventListener("pointerenter", enter, { capture: true });
      new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes)
          for (const node of addedNodes)
            if (node instanceof Element && node.matches(".actions"))
              rested.push(performance.now() - (enteredAt.get(target) ?? NaN));
      }).observe(document.body, { childList: true, subtree: true });
      for (let frame = 0; frame < 40; frame++) {
        document.querySelector(".scroll")?.scrollBy({ top: -60, behavior: "instant" });
        await new Promise(requestAnimationFrame);
      }
      while (rested.length === 0 || document.querySelector(".actions") === null)
        await new Promise(requestAnimationFrame);
      return rested;
    });
    // A frame of a busy machine may last as long as a rest; a timer is not early.
    assert.ok(Math.min(...restedMs) >= 99, `${restedMs.map(Math.round).join(", ")} ms`);
  });

  test("[HIST-9] what was let go above leaves no name behind, until one waits there for it", async () => {
    const lines = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i}`);
    await stage.fill("spoken", lines("before", 60));
    const page = await stage.visit({ path: "r/spoken?tabs=off", name: "Ada" });
    await seesLast(page, "before 59");
    const authorOfFirst = page.locator(".message").first().locator(".message-author");
    await authorOfFirst.waitFor();
    await stage.fill("spoken", lines("after", 40));
    await seesLast(page, "after 39");
    await authorOfFirst.waitFor({ state: "detached" });
    // From now on no history comes.
    await page.evaluate(() => {
      const sockets = WebSocket.prototype as { send: (frame: string) => void };
      const { send } = sockets;
      sockets.send = function (this: WebSocket, frame) {
        if (!frame.includes('"type":"history"')) Reflect.apply(send, this, [frame]);
      };
      document.querySelector(".scroll")?.scrollTo(0, 0);
    });
    await authorOfFirst.waitFor();
    await page.context().close();
  });

  // At the very top the first row is the one in sight, and on a phone it loses its author's line.
  for (const [where, fromTopPx, size] of [
    ["on a desk", 300, { width: 1200, height: 800 }],
    ["at the very top", 0, { width: 1200, height: 800 }],
    ["at the very top on a phone", 0, { width: 390, height: 780 }],
  ] as const) {
    test(`[PAGE-4] when older messages come in above, what is in sight does not move by a pixel, ${where}`, async () => {
      const page = await stage.visit({ path: "r/long", name: "Ada", viewport: size });
      await seesLast(page, "message 1000");
      // Noted in the same turn as the scrolling, so that nothing can have come in between.
      const moved = await page.evaluate(async (scrollTop) => {
        const list = document.querySelector(".scroll");
        const texts = (): Element[] => [...document.querySelectorAll(".message[data-offset] .text")];
        if (list === null) return Infinity;
        list.scrollTop = scrollTop;
        const had = texts().length;
        const inSight = texts().find((text) => text.getBoundingClientRect().top > 60);
        const topPx = inSight?.getBoundingClientRect().top ?? 0;
        while (texts().length === had) await new Promise(requestAnimationFrame);
        return (inSight?.getBoundingClientRect().top ?? Infinity) - topPx;
      }, fromTopPx);
      assert.ok(Math.abs(moved) < 1, `it moved by ${moved} px`);
    });
  }

  test("[PAGE-4] all the way up and down again every message is seen, and few are held at a time", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    await seesLast(page, "message 1000");
    const seen = new Set<string>();
    const look = async (): Promise<readonly string[]> => {
      const texts = await shownTexts(page);
      assert.ok(texts.length <= MAX_SHOWN);
      const numbers = texts.map((text) => Number(text.slice("message ".length)));
      assert.ok(numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1));
      for (const text of texts) seen.add(text);
      return texts;
    };
    for (let turn = 0; turn < 400; turn++) {
      await scrollBy(page, -3_000);
      await look();
      if ((await page.getByText("This is where long begins.").count()) > 0 && (await scrolledTo(page)) === 0)
        break;
    }
    assert.deepEqual(missing(seen), []);
    seen.clear();
    // What stands there now may be let go of with the first step down.
    await look();
    for (let turn = 0; turn < 400; turn++) {
      await scrollBy(page, 3_000);
      const texts = await look();
      if (texts.at(-1) === `message ${COUNT}` && (await page.locator(".jump").count()) === 0) break;
    }
    assert.deepEqual(missing(seen), []);
    await stage.fill("long", ["one more"]);
    await seesLast(page, `message ${COUNT}`, "one more");
  });

  test("[PAGE-4] a reader further up is not moved by what arrives, sees how much it is, and goes there", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    await seesLast(page, "one more");
    await scrollBy(page, -700);
    await page.getByRole("button", { name: "Newest" }).waitFor();
    const [seen = ""] = (await shownTexts(page)).slice(-25);
    // Arrivals must find the list at rest.
    await atRest(page);
    const before = await topOf(page, seen);
    await stage.fill("long", ["new 1", "new 2", "new 3"]);
    await page.getByRole("button", { name: "3 new" }).waitFor();
    assert.ok(Math.abs(((await topOf(page, seen)) ?? Infinity) - (before ?? 0)) < 1);
    await stage.picture(page, "scrolled-up");
    await page.getByRole("button", { name: "3 new" }).click();
    await seesLast(page, "new 1", "new 2", "new 3");
    await page.locator(".jump").waitFor({ state: "detached" });
  });

  test("[PAGE-4] whoever writes is taken to the newest message, from however far up", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    await seesLast(page, "new 3");
    for (let turn = 0; turn < 30; turn++) await scrollBy(page, -3_000);
    await atRest(page);
    await say(page, "from far up");
    await seesLast(page, "new 3", "from far up");
    await page.locator(".jump").waitFor({ state: "detached" });
  });

  test("[PAGE-4] a scroll that is told only after one wrote takes nobody away from the newest message", async () => {
    const page = await stage.visit({ path: "r/long", name: "Ada" });
    await seesLast(page, "from far up");
    for (let turn = 0; turn < 5; turn++) await scrollBy(page, -3_000);
    await atRest(page);
    await page.getByRole("textbox", { name: "Message" }).fill("while it scrolled");
    await page.evaluate(() => {
      document.querySelector(".scroll")?.scrollBy({ top: 40, behavior: "instant" });
      document.querySelector("textarea")?.form?.requestSubmit();
    });
    await seesLast(page, "from far up", "while it scrolled");
    await page.locator(".jump").waitFor({ state: "detached" });
  });

  test("[PAGE-14] no page complained of its policy or of a fault", () => {
    assert.deepEqual(stage.complaints, []);
  });
});
