import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import type { Page } from "playwright-core";
import { say, seesLast, seesRows } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const BIDI = "\u202e\u2066\u200f";
const UNSEEN = "\u200b\u2060\ufeff";
const WORD = "w".repeat(60_000);

/** What a stranger may write to be run, and what must be there of it: the very text. */
const TO_BE_RUN = [
  "<script>window.wasRun=1</script>",
  '<img src=x onerror="window.wasRun=1">',
  '<svg onload="window.wasRun=1"><style>*{display:none}</style></svg>',
  '"><iframe srcdoc="<script>parent.wasRun=1</script>"></iframe>',
  "</p></div></body><base href=//elsewhere.example/>",
  "{{constructor.constructor('window.wasRun=1')()}} ${window.wasRun=1}",
] as const;

/** Addresses that must not become links, written as text and as markup. */
const NO_LINKS = [
  "javascript:window.wasRun=1",
  "JaVaScRiPt:window.wasRun=1",
  "java\tscript:window.wasRun=1",
  "data:text/html,<script>window.wasRun=1</script>",
  "vbscript:msgbox(1)",
  "blob:http://127.0.0.1/x",
  "file:///etc/passwd",
  "https://bank.example@elsewhere.example/",
] as const;

/** What reaches out of its row or of the window, as words. */
function spilled(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
    const list = document.querySelector(".scroll");
    if (list !== null && list.scrollWidth > list.clientWidth) found.push("the list scrolls sideways");
    for (const row of document.querySelectorAll(".message")) {
      if (row.getBoundingClientRect().height > 3_000) found.push("a row fills the room");
      // What is drawn outside of the row's box would be over somebody else's words: of common letters nothing is.
      const isTame = /^[\n -\u024f]*$/.test(row.textContent ?? "") && row.scrollWidth <= row.clientWidth;
      if (!isTame && !/paint|strict|content/.test(getComputedStyle(row).contain))
        found.push("a row is not kept in its box");
    }
    return found;
  });
}

describe("bad input", () => {
  let stage: Stage;
  let mallory: ParlorClient;
  before(async () => {
    stage = await Stage.set();
    mallory = new ParlorClient(stage.url);
  });
  after(async () => {
    mallory.close();
    await stage[Symbol.asyncDispose]();
  });

  test("[BAD-1] script and markup in texts, names, edits and odd bodies are shown as they were written, and run nothing", async () => {
    const room = mallory.room("markup");
    for (const text of TO_BE_RUN) await room.publish({ text, name: text });
    const { offset } = await room.publish({ text: "before the edit", name: "Mallory" });
    await room.publish({ edit: TO_BE_RUN[1] }, { re: offset ?? undefined });
    await room.publish({ text: [TO_BE_RUN[0]], name: { toString: TO_BE_RUN[0] }, __proto__: { a: 1 } });
    await room.publish({ text: "the last one", name: "Mallory" });
    const page = await stage.visit({ path: "r/markup", name: "Ada" });
    await seesLast(page, "the last one");
    await seesRows(page, TO_BE_RUN.length + 3);
    const texts = await page.locator(".message .text").allTextContents();
    for (const text of TO_BE_RUN) assert.ok(texts.includes(text), text);
    assert.equal(texts.filter((text) => text === TO_BE_RUN[1]).length, 2);
    const strange =
      ".message :is(script, img, iframe, style, base, object, embed, form, [onerror], [onload])";
    assert.equal(await page.locator(strange).count(), 0);
    assert.equal(await page.evaluate(() => "wasRun" in window), false);
    await page.context().close();
  });

  test("[BAD-2] no address but http and https becomes a link, in text or in markup", async () => {
    const room = mallory.room("links");
    for (const address of NO_LINKS) {
      await room.publish({ text: `see ${address} now`, name: "Mallory" });
      await room.publish({ text: `see [**here**](${address}) and <${address}>`, name: "Mallory" });
    }
    await room.publish({ text: "and **this** [one](https://example.org/a) is good", name: "Mallory" });
    const page = await stage.visit({ path: "r/links", name: "Ada" });
    await page.locator(".message .text a").first().waitFor();
    const links = await page
      .locator(".message .text a")
      .evaluateAll((all) => all.map((link) => [(link as HTMLAnchorElement).href, link.getAttribute("rel")]));
    for (const [href = "", rel = ""] of links as [string, string][]) {
      assert.match(href, /^https?:\/\/(?!bank\.example@)/);
      assert.match(rel, /noopener/);
    }
    assert.ok(links.some(([href]) => href === "https://example.org/a"));
    await page.context().close();
  });

  test("[BAD-3] a name loses what can't be seen or turns its line around, and one that looks like another has a tag of its own", async () => {
    const room = mallory.room("names");
    const cyrillicAda = "\u0410d\u0430";
    for (const name of [
      `${BIDI}Ada${UNSEEN}`,
      cyrillicAda,
      `${UNSEEN}${BIDI}`,
      "A".repeat(5_000),
      "\u200dAda\u200d",
    ])
      await room.publish({ text: `by ${[...name].length}`, name });
    const page = await stage.visit({ path: "r/names", name: "Ada" });
    await say(page, "I am the one.");
    await seesLast(page, "I am the one.");
    await seesRows(page, 6);
    const names = await page.locator(".message[data-key] .message-author .author-name").allTextContents();
    assert.ok(names.includes("Ada") && names.includes(cyrillicAda) && names.includes("Guest"));
    assert.ok(names.every((name) => !/[\p{Cf}\p{Cc}]/u.test(name) && [...name].length <= 40));
    const tags = await page
      .locator(".message[data-key] .message-author")
      .evaluateAll((authors) =>
        authors.map((author) => [
          author.closest(".message")?.classList.contains("is-own"),
          author.querySelector(".tag")?.textContent,
        ]),
      );
    const own = new Set(tags.filter(([isOwn]) => isOwn).map(([, tag]) => tag));
    assert.equal(own.size, 1);
    assert.ok(tags.every(([isOwn, tag]) => isOwn === true || !own.has(tag as string)));
    await page.context().close();
  });

  test("[BAD-3] a room whose name hides something, or turns its line around, is read as its address spells it", async () => {
    for (const [name, label] of [
      ["lob\u200bby", "lob%E2%80%8Bby"],
      ["r\u202eoom", "r%E2%80%AEoom"],
    ] as const) {
      const page = await stage.visit({ path: `r/${encodeURIComponent(name)}`, name: "Ada" });
      await page.getByRole("heading", { name: label }).waitFor();
      await page.getByRole("link", { name: label }).waitFor();
      assert.equal(await page.title(), `${label} · Parlor`);
      assert.equal(await page.locator("textarea").getAttribute("placeholder"), `Write to ${label}`);
      // It is that room all the same.
      await say(page, "of this room");
      await seesLast(page, "of this room");
      const page2 = await stage.visit({ path: `r/${encodeURIComponent(name)}`, name: "Bob" });
      await seesLast(page2, "of this room");
      await page.context().close();
      await page2.context().close();
    }
  });

  test("[BAD-4] floods of marks, a word of sixty thousand letters and a text turned around stay within their own rows", async () => {
    const room = mallory.room("floods");
    await room.publish({
      text: `Z${"\u0335\u0316\u0301\u0489".repeat(4_000)}algo`,
      name: `Z${"\u0301".repeat(500)}`,
    });
    await room.publish({ text: WORD, name: "Mallory" });
    await room.publish({ text: `${"\u202e".repeat(1_000)}drow desrever a`, name: `${BIDI}Mallory` });
    await room.publish({ text: "\n".repeat(30_000), name: "Mallory" });
    await room.publish({ text: `${"> ".repeat(5_000)}deep ${"*".repeat(10_000)}`, name: "Mallory" });
    await room.publish({ text: "plain words behind it", name: "Grace" });
    const page = await stage.visit({ path: "r/floods", name: "Ada", viewport: { width: 320, height: 560 } });
    await seesLast(page, "plain words behind it");
    assert.deepEqual(await spilled(page), []);
    assert.equal(
      await page
        .locator(".message .text")
        .last()
        .evaluate((text) => getComputedStyle(text).direction),
      "ltr",
    );
    await stage.picture(page, "bad-input");
    await page.getByRole("button", { name: /Show all 60,000 characters/ }).click();
    await page.waitForFunction(
      (length) => document.querySelector(".scroll")?.textContent?.includes("w".repeat(length)),
      WORD.length,
    );
    await say(page, "Still here.");
    await seesLast(page, "Still here.");
    await page.context().close();
  });

  test("[BAD-4] thousands of spans in one another are drawn, and the page goes on", async () => {
    const page = await stage.visit({ path: "r/deep", name: "Ada" });
    await mallory
      .room("deep")
      .publish({ text: `${"*".repeat(3_000)}a${"*".repeat(3_000)}`, name: "Mallory" });
    await page.getByRole("button", { name: "Show all 6,001 characters" }).click();
    await page.locator(".text.is-marked strong").first().waitFor();
    await say(page, "and on");
    await page.locator(".message", { hasText: "and on" }).waitFor();
    assert.deepEqual(stage.complaints, []);
    await page.context().close();
  });

  test("[BAD-4] thirty thousand marks on one letter, all shown, don't hold the page up", async () => {
    await mallory.room("marks").publish({ text: `a${"\u0301".repeat(30_000)} and on`, name: "Mallory" });
    const page = await stage.visit({ path: "r/marks", name: "Ada" });
    await page.getByRole("button", { name: "Show all 30,008 characters" }).click();
    await page.waitForFunction(() =>
      document.querySelector(".message .text")?.textContent?.endsWith("… and on"),
    );
    await page.context().close();
  });

  test("[BAD-5] what is too long to be stored is refused in words before it is sent, and nothing of it is lost", async () => {
    const page = await stage.visit({ path: "r/long-words", name: "Ada" });
    const field = page.getByRole("textbox", { name: "Message" });
    await field.fill("v".repeat(70_000));
    await page.getByText(/Too long by [\d,]+ bytes/).waitFor();
    await page.keyboard.press("Enter");
    assert.equal((await field.inputValue()).length, 70_000);
    await field.fill("v".repeat(60_000));
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /Show all/ }).waitFor();
    await page.context().close();
  });

  test("[BAD-6] the page's policy lets no inline script run and no text become markup, and the page needs neither", async () => {
    const answer = await fetch(new URL("r/policy", stage.url));
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|https?:/);
    assert.match(policy, /require-trusted-types-for 'script'/);
    assert.match(policy, /default-src 'none'/);
    assert.deepEqual(stage.complaints, []);
    const page = await stage.visit({ path: "r/policy", name: "Ada" });
    const tried = await page.evaluate(() => {
      const inline = document.createElement("script");
      try {
        inline.textContent = "window.wasRun=1";
        document.body.append(inline);
      } catch {
        // Trusted Types refuse the text already.
      }
      try {
        document.createElement("div").innerHTML = "<b>markup</b>";
        return "taken";
      } catch (error) {
        return error instanceof TypeError ? "refused" : "odd";
      }
    });
    assert.equal(tried, "refused");
    assert.equal(await page.evaluate(() => "wasRun" in window), false);
    await page.context().close();
  });
});
