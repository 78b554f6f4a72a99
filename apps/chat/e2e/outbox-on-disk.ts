import assert from "node:assert/strict";
import { until } from "@parlor/testkit";
import type { Page } from "playwright-core";

const PATIENCE_MS = 20_000;

/** How many publishes lie on the browser's disk. */
async function onDisk(page: Page): Promise<number> {
  return await page.evaluate(
    async () =>
      await new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("parlor.outbox");
        opening.onerror = () => reject(opening.error ?? new Error("it does not open"));
        opening.onsuccess = () => {
          const database = opening.result;
          const counting = database.transaction("publishes").objectStore("publishes").count();
          counting.onsuccess = () => {
            database.close();
            resolve(counting.result);
          };
        };
      }),
  );
}

export async function isOnDisk(page: Page, count: number): Promise<void> {
  assert.ok(await until(async () => (await onDisk(page)) === count, PATIENCE_MS), `${await onDisk(page)}`);
}
