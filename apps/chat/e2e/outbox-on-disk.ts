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

/** Fulfils once so many lie there; where that is still drawn it is asked anew each time. */
export async function isOnDisk(page: Page, count: number | (() => Promise<number>)): Promise<void> {
  const wanted = typeof count === "number" ? (): Promise<number> => Promise.resolve(count) : count;
  const isSo = async (): Promise<boolean> => (await onDisk(page)) === (await wanted());
  assert.ok(await until(isSo, PATIENCE_MS), `${await onDisk(page)}`);
}
