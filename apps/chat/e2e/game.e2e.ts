import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TcpProxy } from "@parlor/testkit";
import type { Page } from "playwright-core";
import { Stage, type VisitOptions } from "./stage.ts";

const PATH = "examples/game";

/** What the page of the game offers to the console. */
interface Game {
  readonly seen: { readonly players: ReadonlyMap<number, { x: number; y: number }> } | null;
  readonly slot: number | undefined;
  readonly tick: number;
  /** Where the server has one's own. */
  readonly told: { x: number; y: number; vx: number; vy: number } | undefined;
}

/** Opens the game and waits until one is in the arena and has a slot; returns which. */
async function enter(stage: Stage, options: VisitOptions = {}): Promise<{ page: Page; slot: number }> {
  const page = await stage.visit({ path: PATH, ...options });
  await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
  return { page, slot: await slotOf(page) };
}

async function slotOf(page: Page): Promise<number> {
  const slot = await page.waitForFunction(() => {
    const { seen, slot: mine } = (window as unknown as { game: Game }).game;
    return mine !== undefined && seen?.players.has(mine) === true ? `${mine}` : null;
  });
  return Number(await slot.jsonValue());
}

/** Resolves when a slot is drawn further to one side than it is now; a wall may be in the way of the other. */
async function seesMove(page: Page, slot: number): Promise<void> {
  await page.evaluate(async (which) => {
    const x = (): number => (window as unknown as { game: Game }).game.seen?.players.get(which)?.x ?? NaN;
    const from = x();
    while (!(Math.abs(x() - from) > 100)) await new Promise(requestAnimationFrame);
  }, slot);
}

async function tickOf(page: Page): Promise<number> {
  return await page.evaluate(() => (window as unknown as { game: Game }).game.tick);
}

async function waitTicks(page: Page, count: number): Promise<void> {
  const from = await tickOf(page);
  await page.waitForFunction((to) => (window as unknown as { game: Game }).game.tick >= to, from + count);
}

/** To the side where there is room. */
async function steer(page: Page, slot: number): Promise<() => Promise<void>> {
  const x = await page.evaluate(
    (which) => (window as unknown as { game: Game }).game.seen?.players.get(which)?.x ?? 0,
    slot,
  );
  const key = x > 800 ? "ArrowLeft" : "ArrowRight";
  await page.locator("#arena").focus();
  await page.keyboard.down(key);
  return () => page.keyboard.up(key);
}

describe("the game", () => {
  test("[GAME-1] three pages see each other move, and go on without a reload when the server was killed", async () => {
    await using stage = await Stage.set();
    const [ada, bob, carol] = [await enter(stage), await enter(stage), await enter(stage)];
    assert.equal(new Set([ada.slot, bob.slot, carol.slot]).size, 3);
    const moves = async (): Promise<void> => {
      for (const player of [ada, bob]) {
        const seen = [ada, bob, carol].map(({ page }) => seesMove(page, player.slot));
        const stop = await steer(player.page, player.slot);
        await Promise.all(seen);
        await stop();
      }
    };
    await moves();
    await stage.killServer();
    await ada.page.getByText("Reconnecting…").waitFor();
    await stage.restartServer();
    for (const { page } of [ada, bob, carol])
      await page.waitForFunction(() => document.getElementById("link")?.textContent === "");
    for (const player of [ada, bob, carol]) {
      await waitTicks(player.page, 5);
      assert.equal(await slotOf(player.page), player.slot, "the state remembered who has which slot");
    }
    await moves();
    for (const { page } of [ada, bob, carol])
      assert.equal(await page.evaluate(() => "isTheSamePage" in window), true);
    await stage.picture(ada.page, "game");
    assert.deepEqual(stage.complaints, []);
  });

  test("[GAME-2] a page whose bytes stall and one that is frozen slow nobody, and are right again afterwards", async () => {
    await using stage = await Stage.set();
    const proxy = await TcpProxy.listen(Number(new URL(stage.url).port));
    await using _ = { [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() };
    const ada = await enter(stage);
    const frozen = await enter(stage);
    const stalled = await enter(stage, { path: `http://127.0.0.1:${proxy.port}/${PATH}` });
    await ada.page.getByLabel("Fill up to 50 with bots").check();
    await ada.page.waitForFunction(
      () => (window as unknown as { game: Game }).game.seen?.players.size === 50,
    );

    proxy.pause("to-client");
    // In a task of its own, so that nobody waits for the page meanwhile.
    await frozen.page.evaluate(() => {
      setTimeout(() => {
        for (const endMs = performance.now() + 4_000; performance.now() < endMs; );
      });
    });
    const stuckAt = await tickOf(stalled.page);
    await waitTicks(ada.page, 60);
    assert.ok((await tickOf(stalled.page)) <= stuckAt + 20);
    proxy.resume("to-client");
    const now = await tickOf(ada.page);
    for (const { page } of [frozen, stalled]) {
      await page.waitForFunction((tick) => (window as unknown as { game: Game }).game.tick >= tick, now);
    }
    const seen = [ada, frozen, stalled].map(({ page }) => seesMove(page, ada.slot));
    const stop = await steer(ada.page, ada.slot);
    await Promise.all(seen);
    await stop();
    assert.deepEqual(stage.complaints, []);
  });

  test("[GAME-8] with a server that is far away one's own player moves at once, and comes to where the server has it", async () => {
    await using stage = await Stage.set();
    const { page, slot } = await enter(stage);
    // Nobody is in the way.
    await page.getByLabel("200 ms further away").check();
    await waitTicks(page, 10);
    const movesFirst = async (): Promise<boolean> => {
      const moving = page.evaluate(async (mine) => {
        const { game } = window as unknown as { game: Game };
        const drawn = (): number => game.seen?.players.get(mine)?.x ?? NaN;
        const [drawnFrom, toldFrom] = [drawn(), game.told?.x ?? NaN];
        while (!(Math.abs(drawn() - drawnFrom) > 15)) await new Promise(requestAnimationFrame);
        return Math.abs((game.told?.x ?? NaN) - toldFrom) < 15;
      }, slot);
      const stop = await steer(page, slot);
      const isFirst = await moving;
      await stop();
      return isFirst;
    };
    // A bot that bumps into it in that very moment moves it, too.
    let isFirst = false;
    for (let tries = 0; tries < 4 && !isFirst; tries += 1) {
      isFirst = await movesFirst();
      await waitTicks(page, 20);
    }
    assert.ok(isFirst, "before the server has said a word of it");
    await page.waitForFunction((mine) => {
      const { seen, told } = (window as unknown as { game: Game }).game;
      const { x = 0, y = 0 } = seen?.players.get(mine) ?? {};
      return told !== undefined && Math.hypot(told.vx, told.vy) < 2 && Math.hypot(told.x - x, told.y - y) < 2;
    }, slot);
    assert.deepEqual(stage.complaints, []);
  });

  test("[GAME-7] at 320 px a finger anywhere steers, nothing is wider than the page, and both themes are drawn", async () => {
    await using stage = await Stage.set();
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, slot } = await enter(stage, {
        viewport: { width: 320, height: 640 },
        hasTouch: true,
        colorScheme,
        reducedMotion: "reduce",
      });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(width, 320);
      const touch = await page.context().newCDPSession(page);
      const box = await page.locator("#arena").boundingBox();
      assert.ok(box !== null);
      const at = (dx: number) => [{ x: box.x + box.width / 2 + dx, y: box.y + box.height / 2 }];
      const x = await page.evaluate(
        (which) => (window as unknown as { game: Game }).game.seen?.players.get(which)?.x ?? 0,
        slot,
      );
      await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0) });
      await touch.send("Input.dispatchTouchEvent", {
        type: "touchMove",
        touchPoints: at(x > 800 ? -60 : 60),
      });
      await seesMove(page, slot);
      await stage.picture(page, `game-320-${colorScheme}`);
      await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      await page.context().close();
    }
    const { page } = await enter(stage, { viewport: { width: 1_280, height: 900 }, colorScheme: "dark" });
    await page.getByLabel("Fill up to 50 with bots").check();
    await waitTicks(page, 40);
    await stage.picture(page, "game-dark");
    assert.deepEqual(stage.complaints, []);
  });
});
