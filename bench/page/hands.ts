import type { Page } from "playwright-core";

/** A tall empty page with a field to write in: what typing and scrolling cost a browser anyway. */
export const BLANK_PAGE = `<!doctype html><title>Blank</title>
<style>
  body { margin: 0; display: grid; grid-template-rows: 90vh 10vh; block-size: 100vh }
  .scroll { overflow: auto }
  .scroll > div { block-size: 200000px }
</style>
<div class="scroll"><div></div></div><textarea></textarea>`;

interface Place {
  readonly x: number;
  readonly y: number;
}

const KEY_EVERY_MS = 50;
const TURN_EVERY_MS = 30;
const TURN_PX = 240;
const TURNS = 40;

/**
 * One round of what hands do: a line typed, a good way up by the wheel, and down again. They go by places, which are
 * looked up now, and not by elements: looking for them, or waiting for a list that moves, would be measured too.
 */
export async function handsOn(page: Page): Promise<(text: string) => Promise<void>> {
  const [field, list] = [await middleOf(page, "textarea"), await middleOf(page, ".scroll")];
  return (text) => typeAndScroll(page, text, field, list);
}

async function typeAndScroll(page: Page, text: string, field: Place, list: Place): Promise<void> {
  await page.mouse.click(field.x, field.y);
  await page.keyboard.type(text, { delay: KEY_EVERY_MS });
  for (let letters = text.length; letters > 0; letters--) await page.keyboard.press("Backspace");
  await page.mouse.move(list.x, list.y);
  for (const px of [-TURN_PX, TURN_PX]) {
    for (let turn = 0; turn < TURNS; turn++) {
      await page.mouse.wheel(0, px);
      await page.waitForTimeout(TURN_EVERY_MS);
    }
  }
}

async function middleOf(page: Page, selector: string): Promise<Place> {
  return await page.evaluate((wanted) => {
    const {
      x = 0,
      y = 0,
      width = 0,
      height = 0,
    } = document.querySelector(wanted)?.getBoundingClientRect() ?? {};
    return { x: x + width / 2, y: y + height / 2 };
  }, selector);
}
