import type { Page } from "playwright-core";

/**
 * What stands in the page's address bar, asked of the page itself: the browser tells Playwright of a changed address
 * by another way than it answers questions, and under load that comes later than what is already shown.
 */
export async function addressOf(page: Page): Promise<URL> {
  return new URL(await page.evaluate(() => location.href));
}
