import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TcpProxy } from "@parlor/testkit";
import type { Page } from "playwright-core";
import { Stage, type VisitOptions } from "./stage.ts";

const PATH = "examples/stock-ticker";

type Price = readonly [cents: number, atMs: number, changes: number];

/** What the page offers to the console. */
interface Ticker {
  readonly quick: { readonly values: ReadonlyMap<string, Price>; readonly updates: number };
  readonly slow: { readonly values: ReadonlyMap<string, Price> };
  readonly line: { bytesPerSecond: number };
}

type Reader = "quick" | "slow";

/** Opens the page and waits until it has all prices. */
async function open(stage: Stage, options: VisitOptions = {}): Promise<Page> {
  const page = await stage.visit({ path: PATH, ...options });
  await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
  await page.waitForFunction(
    () => (window as unknown as { ticker: Ticker }).ticker.quick.values.size === 500,
  );
  return page;
}

/** When the newest price was made that a reader of the page has, by the server's clock, ms. */
async function newestOf(page: Page, reader: Reader = "quick"): Promise<number> {
  return await page.evaluate((which) => {
    const { values } = (window as unknown as { ticker: Ticker }).ticker[which];
    return Math.max(...[...values.values()].map(([, atMs]) => atMs));
  }, reader);
}

async function reaches(page: Page, atMs: number, reader: Reader = "quick"): Promise<void> {
  await page.waitForFunction(
    ([which, newest]) => {
      const { values } = (window as unknown as { ticker: Ticker }).ticker[which];
      return [...values.values()].some(([, at]) => at >= newest);
    },
    [reader, atMs] as const,
  );
}

/** How many updates come from now on until the newest price is as new as that. */
async function updatesUntil(page: Page, atMs: number): Promise<number> {
  return await page.evaluate(async (newest) => {
    const { quick } = (window as unknown as { ticker: Ticker }).ticker;
    const from = quick.updates;
    while (![...quick.values.values()].some(([, at]) => at >= newest))
      await new Promise((resolve) => setTimeout(resolve, 1));
    return quick.updates - from;
  }, atMs);
}

/** Resolves when prices have moved on for so long. */
async function waitMoves(page: Page, ms: number): Promise<void> {
  await reaches(page, (await newestOf(page)) + ms);
}

describe("the stock ticker", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
  });
  after(() => stage[Symbol.asyncDispose]());

  test("[TICKER-4] it is sorted, filtered and looked through by keys and by touch at 320 px, in both themes", async () => {
    const phone = await open(stage, {
      viewport: { width: 320, height: 640 },
      hasTouch: true,
      reducedMotion: "reduce",
    });
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 320);
    await phone.locator("#rows[aria-rowcount='500']").waitFor();
    await phone.getByRole("row", { name: "AAC" }).tap();
    await phone.getByRole("heading", { name: "AAC, as both see it" }).waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await phone.emulateMedia({ colorScheme });
      await stage.picture(phone, `ticker-320-${colorScheme}`);
    }
    await phone.context().close();
    const page = await open(stage, { viewport: { width: 1_280, height: 900 }, colorScheme: "dark" });
    await page.getByRole("button", { name: "Price" }).press("Enter");
    await page.waitForFunction(() => {
      const rows = [...document.querySelectorAll<HTMLElement>("#rows [role=row]:not([hidden])")];
      rows.sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex));
      const prices = rows.map((row) => Number(row.children[1]?.textContent));
      return prices.length > 10 && (prices[0] ?? 0) > 450 && (prices.at(-1) ?? Infinity) < (prices[0] ?? 0);
    });
    await page.getByLabel("Find").fill("qa");
    await page.locator("#rows").press("End");
    await page.getByRole("heading", { name: /QA.*, as both see it/ }).waitFor();
    await page.getByLabel("Find").fill("no such");
    await page.getByText("No symbol has that in it.").waitFor();
    await stage.picture(page, "ticker-dark");
    await page.context().close();
    assert.deepEqual(stage.complaints, []);
  });

  test("[TICKER-5] a stalled page, a frozen one and a narrow line slow nobody, and have the newest at once afterwards", async () => {
    const proxy = await TcpProxy.listen(Number(new URL(stage.url).port));
    await using _ = { [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() };
    const ada = await open(stage);
    const frozen = await open(stage);
    const stalled = await open(stage, { path: `http://127.0.0.1:${proxy.port}/${PATH}` });
    await ada.waitForFunction(
      () => (window as unknown as { ticker: Ticker }).ticker.slow.values.size === 500,
    );
    await ada.getByLabel("Narrow line").selectOption("stopped");
    proxy.pause("to-client");
    await frozen.evaluate(() => {
      setTimeout(() => {
        for (const endMs = performance.now() + 3_000; performance.now() < endMs; );
      });
    });
    const stuckAt = await newestOf(stalled);
    await waitMoves(ada, 3_000);
    assert.ok((await newestOf(stalled)) < stuckAt + 1_000, "it has what was on its way");
    const narrowAt = await newestOf(ada, "slow");
    assert.ok(narrowAt < stuckAt + 2_000);

    // A window that was on its way, and then the newest: 3 s of changes as they were made are 120 updates.
    const updates = updatesUntil(stalled, await newestOf(ada));
    const now = await newestOf(ada);
    proxy.resume("to-client");
    await ada.getByLabel("Narrow line").selectOption("1 MB/s");
    assert.ok((await updates) < 60, `${await updates} updates before it has the newest`);
    await Promise.all([reaches(frozen, now), reaches(ada, now, "slow")]);
    for (const page of [ada, frozen, stalled]) await page.context().close();
    assert.deepEqual(stage.complaints, []);
  });

  test("[TICKER-4] [EXAMPLES-1] two pages show the same prices, and go on without a reload when the server was killed", async () => {
    const list = await stage.visit({ path: "examples" });
    assert.deepEqual(await list.getByRole("listitem").getByRole("link").allTextContents(), [
      "Gems",
      "Ticker",
    ]);
    await list.getByRole("link", { name: "Gems" }).click();
    await list.getByRole("heading", { name: "Gems" }).waitFor();
    await list.goBack();
    await list.getByRole("link", { name: "Ticker" }).click();
    await list.getByRole("heading", { name: "Ticker" }).waitFor();
    await list.context().close();
    const pages = [await open(stage), await open(stage)] as const;
    const agree = async (): Promise<void> => {
      // A change is known by its number: what one page saw as the newest, the other comes to.
      const [one, other] = pages;
      await waitMoves(one, 300);
      await reaches(other, await newestOf(one));
    };
    await agree();
    await stage.killServer();
    await pages[0].getByText("Reconnecting…").waitFor();
    await stage.restartServer();
    for (const page of pages)
      await page.waitForFunction(() => document.getElementById("link")?.textContent === "");
    await agree();
    for (const page of pages) assert.equal(await page.evaluate(() => "isTheSamePage" in window), true);
    assert.deepEqual(stage.complaints, []);
  });
});
