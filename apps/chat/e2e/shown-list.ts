import type { Page } from "playwright-core";

/** One message as a person sees it. */
export interface Shown {
  readonly text: string;
  readonly author: string;
  readonly isOwn: boolean;
  readonly isWaiting: boolean;
}

/** What stands in the list, top to bottom. */
export async function shownList(page: Page): Promise<readonly Shown[]> {
  return await page.locator(".message[data-key]").evaluateAll((rows) =>
    rows.map((row) => ({
      text: row.querySelector(".text")?.textContent ?? "",
      author: row.querySelector(".author-name")?.textContent ?? "",
      isOwn: row.classList.contains("is-own"),
      isWaiting: row.classList.contains("is-waiting"),
    })),
  );
}

export async function shownTexts(page: Page): Promise<readonly string[]> {
  return (await shownList(page)).map(({ text }) => text);
}

/** Waits until the last texts in the list are these. */
export async function seesLast(page: Page, ...texts: readonly string[]): Promise<void> {
  await page.waitForFunction((wanted) => {
    const rows = [...document.querySelectorAll(".message[data-offset] .text")].slice(-wanted.length);
    return JSON.stringify(rows.map((row) => row.textContent)) === JSON.stringify(wanted);
  }, texts);
}

/** Waits until so many rows are in the list at least: history is drawn a few messages at a time, the newest first. */
export async function seesRows(page: Page, atLeast: number): Promise<void> {
  await page.waitForFunction(
    (count) => document.querySelectorAll(".message[data-offset]").length >= count,
    atLeast,
  );
}

/** Writes into the composer and sends it by the keyboard. */
export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
}

/** Where the row that shows `text` stands below the top of the page, in px; null where it is not. */
export async function topOf(page: Page, text: string): Promise<number | null> {
  return await page.locator(".message[data-offset]").evaluateAll((rows, wanted) => {
    const row = rows.find((each) => each.querySelector(".text")?.textContent === wanted);
    return row === undefined ? null : row.getBoundingClientRect().top;
  }, text);
}
