import type { Page } from "playwright-core";

/** When a page heard its newest `welcome`, and when a frame showed the message that was waited for. */
interface Opening {
  welcomeAt: number;
  shownAt: number;
  newest: number;
  expect(newest: number): void;
}

declare global {
  var opening: Opening | undefined;
}

const PATIENCE_MS = 60_000;

/** Runs in the page before its own scripts: notes the welcome, and the first frame with message `newest`. */
export function noteOpening(newest: number): void {
  const opening: Opening = {
    welcomeAt: NaN,
    shownAt: NaN,
    newest,
    expect(other) {
      opening.newest = other;
      opening.shownAt = NaN;
    },
  };
  globalThis.opening = opening;
  const Plain = WebSocket;
  globalThis.WebSocket = class extends Plain {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string" && data.includes('"type":"welcome"'))
          opening.welcomeAt = performance.now();
      });
    }
  };
  const look = (): void => {
    const isThere = document.querySelector(`.message[data-offset="${opening.newest}"]`) !== null;
    if (isThere && Number.isNaN(opening.shownAt)) opening.shownAt = performance.now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Waits until it is shown; ms from the welcome until then. */
export async function openingMs(page: Page): Promise<number> {
  await page.waitForFunction(() => !Number.isNaN(globalThis.opening?.shownAt ?? NaN), undefined, {
    timeout: PATIENCE_MS,
  });
  return await page.evaluate(() => {
    const { shownAt = NaN, welcomeAt = NaN } = globalThis.opening ?? {};
    // Before its first connection is welcomed a page may have been welcomed by the answer to a poll.
    const [poll] = performance
      .getEntriesByType("resource")
      .filter(({ name }) => name.includes("/connect/poll"));
    const polledAt = (poll as PerformanceResourceTiming | undefined)?.responseEnd ?? Infinity;
    return shownAt - (Number.isNaN(welcomeAt) ? polledAt : welcomeAt);
  });
}
