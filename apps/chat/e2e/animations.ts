import type { Page } from "playwright-core";

/** Waits until what moves on the page has come to its end, or was ended: a picture in between is no state of its own. */
export async function animationsOver(page: Page): Promise<void> {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
}
