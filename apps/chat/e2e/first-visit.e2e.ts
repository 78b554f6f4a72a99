import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { Stage } from "./stage.ts";

const MAX_SCRIPT_BYTES = 60 * 1_024;
/** What comes by itself all the same, behind that. */
const PARTS_BEHIND = ["dialogs-", "start-", "tabs-link-", "upward-"];

declare global {
  var usableAt: number | undefined;
  var shifts: readonly string[] | undefined;
}

/** Runs in the page before its own scripts: notes each message that moved though nobody scrolled. */
function noteShifts(): void {
  const shifts: string[] = [];
  globalThis.shifts = shifts;
  type Shift = PerformanceEntry & { readonly sources: readonly { readonly node: Node | null }[] };
  new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries() as Shift[])
      for (const { node } of sources)
        if (node instanceof Element && node.closest(".block") !== null) shifts.push(node.textContent);
  }).observe({ type: "layout-shift", buffered: true });
}

/** Runs in the page before its own scripts: notes when its newest message stands, and one can write. */
function noteUsable(newest: string): void {
  const look = (): void => {
    const isThere = [...document.querySelectorAll(".message[data-offset]")].at(-1)?.textContent;
    const canWrite = document.querySelector("textarea")?.disabled === false;
    if (canWrite && isThere?.includes(newest) === true) globalThis.usableAt ??= performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Addresses of the scripts that were asked for before the page was usable, once those behind it have come, too. */
async function scriptsBefore(page: Page): Promise<readonly string[]> {
  await page.waitForFunction((parts) => {
    const { usableAt = Infinity } = globalThis;
    const behind = performance.getEntriesByType("resource").filter(({ startTime }) => startTime > usableAt);
    return parts.every((part) => behind.some(({ name }) => name.includes(part)));
  }, PARTS_BEHIND);
  return await page.evaluate(() => {
    const { usableAt = NaN } = globalThis;
    const scripts = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js"));
    return [...new Set(scripts.filter(({ startTime }) => startTime <= usableAt).map(({ name }) => name))];
  });
}

/** As a phone's network is on a bad day. */
async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const bytesPerSecond = 200_000;
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 150,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
}

async function zippedBytes(addresses: readonly string[]): Promise<number> {
  const bodies = await Promise.all(addresses.map(async (url) => await (await fetch(url)).bytes()));
  return bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
}

describe("a first visit", () => {
  test("[PAGE-16] it asks for at most 60 KB of script, gzipped, before its newest message stands and one can write, on a slow network too", async () => {
    await using stage = await Stage.set();
    await stage.fill("lobby", ["one", "two", "the newest"]);
    const visit = async (isSlow: boolean): Promise<void> => {
      const page = await stage.visit({ path: "healthz" });
      await page.addInitScript(noteUsable, "the newest");
      if (isSlow) await slowDown(page);
      await page.goto(new URL("r/lobby", stage.url).href);
      const scripts = await scriptsBefore(page);
      const bytes = await zippedBytes(scripts);
      assert.ok(bytes > 0 && bytes <= MAX_SCRIPT_BYTES, `${bytes} bytes: ${scripts.join(" ")}`);
    };
    await Promise.all([visit(false), visit(true)]);
    assert.deepEqual(stage.complaints, []);
  });

  test("[HIST-11] the newest messages stand still where the markup of others is read behind them, however many lines it takes", async () => {
    await using stage = await Stage.set();
    // Above what is in sight, and longer in the letters of code than as it was written.
    const said = (_: unknown, n: number): string =>
      n < 30 ? `\`${"illicit little ".repeat(50 + n)}\`` : `${n}`;
    await stage.fill("marked", Array.from({ length: 60 }, said), "Ada");
    const page = await stage.visit({ path: "healthz" });
    await page.addInitScript(noteShifts);
    await page.goto(new URL("r/marked", stage.url).href);
    await page.waitForFunction(() => document.querySelectorAll(".message .is-marked").length === 20);
    // What moved is told with a frame.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
  });
});
