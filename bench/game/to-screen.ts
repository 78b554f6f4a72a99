import { findProgram } from "@parlor/testkit";
import { chromium, type Page } from "playwright-core";

/**
 * From a key's press in one page of the game to the first animation frame of another page in which that player
 * is drawn elsewhere, in Chromium:
 *
 *     npm start                                    in one terminal
 *     node bench/game/to-screen.ts URL [PRESSES]   in another; URL such as http://127.0.0.1:8080/
 *
 * Each press is made while the player stands still; that a bot bumps into it just then is left out where it goes
 * elsewhere than it steers. Prints the middle and the 99th percentile, ms.
 */
interface Game {
  readonly seen: { readonly players: ReadonlyMap<number, readonly [x: number, y: number]> } | null;
  readonly slot: number | undefined;
}

const [url = "http://127.0.0.1:8080/", presses = "100"] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: findProgram("chromium"),
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const [player, other] = [await enter(), await enter()];
  const slot = await player.evaluate(() => (window as unknown as { game: Game }).game.slot ?? -1);
  const tookMs: number[] = [];
  while (tookMs.length < Number(presses)) {
    const x = await standsStill(other, slot);
    const direction = x > 800 ? -1 : 1;
    const moved = other.evaluate(movedAt, slot);
    const pressedMs = await player.evaluate(
      (code) => {
        document
          .getElementById("arena")
          ?.dispatchEvent(new KeyboardEvent("keydown", { code, bubbles: true }));
        return performance.timeOrigin + performance.now();
      },
      direction < 0 ? "ArrowLeft" : "ArrowRight",
    );
    const { atMs, by } = await moved;
    await player.evaluate(() => window.dispatchEvent(new Event("blur")));
    if (Math.sign(by) === direction && atMs > pressedMs) tookMs.push(atMs - pressedMs);
  }
  tookMs.sort((a, b) => a - b);
  const at = (part: number): string => (tookMs[Math.floor(tookMs.length * part)] ?? NaN).toFixed(1);
  console.log(`${tookMs.length} presses: middle ${at(0.5)} ms, p99 ${at(0.99)} ms`);
} finally {
  await browser.close();
}

async function enter(): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(new URL("examples/game", url).href);
  await page.waitForFunction(() => (window as unknown as { game?: Game }).game?.slot !== undefined);
  return page;
}

/** Fulfils with where the player is when it has not moved for some frames. */
async function standsStill(page: Page, slot: number): Promise<number> {
  return await page.evaluate(async (which) => {
    const { game } = window as unknown as { game: Game };
    let [last, still] = [NaN, 0];
    while (still < 12) {
      await new Promise(requestAnimationFrame);
      const x = game.seen?.players.get(which)?.[0] ?? NaN;
      still = x === last ? still + 1 : 0;
      last = x;
    }
    return last;
  }, slot);
}

/** Runs in the page: the first animation frame in which the player is drawn elsewhere. */
async function movedAt(slot: number): Promise<{ readonly atMs: number; readonly by: number }> {
  const { game } = window as unknown as { game: Game };
  const x = (): number => game.seen?.players.get(slot)?.[0] ?? NaN;
  const from = x();
  while (!(Math.abs(x() - from) > 0.2)) await new Promise(requestAnimationFrame);
  return { atMs: performance.timeOrigin + performance.now(), by: x() - from };
}
