import assert from "node:assert/strict";
import { until } from "@parlor/testkit";
import type { Page } from "playwright-core";

const PATIENCE_MS = 20_000;

/** What lies on the browser's disk, as the JSON of each publish's body. */
async function onDisk(page: Page): Promise<readonly string[]> {
  return await page.evaluate(
    async () =>
      await new Promise<string[]>((resolve, reject) => {
        const opening = indexedDB.open("parlor.outbox");
        opening.onerror = () => reject(opening.error ?? new Error("it does not open"));
        opening.onsuccess = () => {
          const database = opening.result;
          const reading = database.transaction("publishes").objectStore("publishes").getAll();
          reading.onsuccess = () => {
            database.close();
            resolve((reading.result as { readonly json: string }[]).map(({ json }) => json));
          };
        };
      }),
  );
}

/** Fulfils once so many publishes lie there. */
export async function isOnDisk(page: Page, count: number): Promise<void> {
  const isSo = async (): Promise<boolean> => (await onDisk(page)).length === count;
  assert.ok(await until(isSo, PATIENCE_MS), `${(await onDisk(page)).length}`);
}

/** Fulfils once all lie there that the page shows as waiting. */
export async function whatWaitsIsOnDisk(page: Page): Promise<void> {
  const missing = async (): Promise<readonly string[]> => {
    const waiting = await page.locator(".message.is-waiting .text").allTextContents();
    const kept = await onDisk(page);
    return waiting.filter((text) => !kept.some((json) => json.includes(JSON.stringify(text))));
  };
  assert.ok(
    await until(async () => (await missing()).length === 0, PATIENCE_MS),
    (await missing()).join(", "),
  );
}
