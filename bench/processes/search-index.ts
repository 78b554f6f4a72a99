import { setTimeout as wait } from "node:timers/promises";

const INDEX_WITHIN_MS = 1_800_000;

/** What a running command says of the reader that makes its search index. */
export async function searchMetric(url: string, name: "messages_total" | "lag_seconds"): Promise<number> {
  const text = await (await fetch(`${url}metrics`)).text();
  return Number(new RegExp(`^parlor_reader_${name}\\{reader="search"\\} (.*)$`, "m").exec(text)?.[1]);
}

/**
 * Waits until the search index has so many messages since the command was started. A log that was filled behind its
 * back is indexed from its beginning, and that takes most of a core.
 */
export async function indexed(url: string, messages: number): Promise<void> {
  const deadline = performance.now() + INDEX_WITHIN_MS;
  while ((await searchMetric(url, "messages_total")) < messages) {
    if (performance.now() > deadline) throw new Error("the index did not come to the log's end in time");
    await wait(250);
  }
}
