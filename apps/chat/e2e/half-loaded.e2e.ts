import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Page, Route } from "playwright-core";
import { ReleaseFront } from "./release-front.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const scriptOf = (page: Page): Promise<string> =>
  page.evaluate(() => document.querySelector<HTMLScriptElement>("script[type=module]")?.src ?? "");

describe("a page of which a part can't be loaded", () => {
  let stage: Stage;
  let front: ReleaseFront;
  before(async () => {
    stage = await Stage.set([], {
      front: async (port) => (front = await ReleaseFront.listen(port)),
      expected: /ERR_|Failed to (load resource|fetch dynamically)/,
    });
  });
  beforeEach(() => {
    front.isSecond = false;
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  /** Somebody whose browser keeps no release of the page: a stage lets no worker of it begin. */
  const visitor = (): Promise<Page> => stage.visit({ path: "r/elsewhere", name: "Ada" });

  /** The page with what its document names; the rest is held up until `letGo`. */
  async function half(page: Page, path: string): Promise<{ readonly letGo: () => Promise<void> }> {
    const url = new URL(path, stage.url).href;
    const named = await (await fetch(url)).text();
    const isLater = ({ pathname }: URL): boolean =>
      pathname.endsWith(".js") && !named.includes(pathname.split("/").at(-1) ?? "");
    const held: Route[] = [];
    let isHeld = true;
    await page.route(isLater, (route) => (isHeld ? void held.push(route) : route.continue()));
    const wanted = page.waitForRequest(/\/upward-/);
    await page.goto(url);
    await wanted;
    const letGo = async (): Promise<void> => {
      isHeld = false;
      // Of the first that fails the page may go, and the rest with it.
      await Promise.allSettled(held.map((route) => route.continue()));
    };
    return { letGo };
  }

  async function stored(room: string): Promise<string[]> {
    const { messages } = await stage.history(room);
    return messages.map(({ body }) => String((body as { text?: unknown }).text));
  }

  test("[PAGE-17] where a newer release took its place and nobody did anything yet, the page takes that by itself", async () => {
    const page = await visitor();
    const { letGo } = await half(page, "r/untouched");
    front.isSecond = true;
    // Nothing is asked in the page: that would count as something that a person did.
    const newer = page.waitForRequest(/\/assets\/app-2ND/);
    await letGo();
    await newer;
    await say(page, "on the newer");
    await seesLast(page, "on the newer");
    assert.deepEqual(await stored("untouched"), ["on the newer"]);
    await page.context().close();
  });

  test("[PAGE-17] who wrote meanwhile is told, and has it as a draft on the newer one", async () => {
    const page = await visitor();
    const { letGo } = await half(page, "r/written");
    await say(page, "said in between");
    await say(page, "and this");
    await page.getByLabel("Message", { exact: true }).fill("half a sen");
    front.isSecond = true;
    await letGo();
    const notice = page.getByRole("alert").filter({ hasText: "A newer version of this page is here." });
    await notice.waitFor();
    await stage.picture(page, "half-loaded");
    await notice.getByRole("button", { name: "Reload" }).click();
    await page.getByText("Nothing was said here yet").waitFor();
    const field = page.getByLabel("Message", { exact: true });
    assert.equal(await field.inputValue(), "half a sen\nsaid in between\nand this");
    await field.press("Enter");
    await seesLast(page, "half a sen\nsaid in between\nand this");
    assert.equal((await stored("written")).length, 1);
    await page.context().close();
  });

  test("[PAGE-17] [CLIENT-41] where only the way to it failed, it comes by itself and what was written goes out once", async () => {
    const page = await visitor();
    let failures = 0;
    await page.route(/\/(upward|start)-/, async (route) => {
      failures += 1;
      await (failures <= 3 ? route.abort("connectionreset") : route.continue());
    });
    await page.goto(new URL("r/flaky", stage.url).href);
    await say(page, "in spite of it");
    await page.locator(".message[data-offset]", { hasText: "in spite of it" }).waitFor();
    assert.ok(failures > 3, "it was tried again");
    assert.equal(await page.getByRole("alert").count(), 0);
    assert.deepEqual(await stored("flaky"), ["in spite of it"]);
    await page.context().close();
  });

  test("[PAGE-17] where even its first script is gone it says so after a while, and offers to be loaded again", async () => {
    const page = await visitor();
    const script = await scriptOf(page);
    const isGone = (url: URL): boolean => url.href === script;
    await page.route(isGone, (route) =>
      route.fulfill({ status: 404, contentType: "text/plain", body: "gone" }),
    );
    await page.goto(new URL("r/gone", stage.url).href);
    const words = page.getByText("This takes longer than it should.");
    await words.waitFor({ state: "attached" });
    assert.equal(await words.isVisible(), false);
    // The ten seconds are the style's; they are not waited for.
    const waits = await words.evaluate((element) =>
      document.getAnimations().flatMap((each) => {
        const isOfWords = each.effect instanceof KeyframeEffect && each.effect.target === element;
        each.finish();
        return isOfWords ? [each.effect?.getTiming().delay] : [];
      }),
    );
    assert.deepEqual(waits, [10_000]);
    assert.equal(await words.isVisible(), true);
    await stage.picture(page, "never-loaded");
    await page.unroute(isGone);
    await words.getByRole("link", { name: "Load the page again" }).click();
    await page.getByText("Nothing was said here yet").waitFor();
    await page.context().close();
  });

  test("[TABS-14] a page that can't load what it would serve other tabs with leaves each its own connection", async () => {
    const ada = await visitor();
    await ada.context().addInitScript("delete globalThis.SharedWorker;");
    const gone = ada
      .context()
      .waitForEvent("requestfailed", (request) => request.url().includes("/message-iterator-"));
    await ada.context().route(/\/message-iterator-/, (route) => route.abort());
    await ada.goto(new URL("r/apart", stage.url).href);
    await gone;
    const beside = await ada.context().newPage();
    await beside.goto(new URL("r/apart", stage.url).href);
    await say(ada, "from one tab");
    await seesLast(beside, "from one tab");
    await say(beside, "from another");
    for (const tab of [ada, beside]) await seesLast(tab, "from one tab", "from another");
    await ada.context().close();
  });

  test("[PAGE-14] no page complained of its policy or of a fault", () => {
    assert.deepEqual(stage.complaints, []);
  });
});
