import type { TestContext } from "node:test";
import { randomId, systemClock, systemRandom, type Clock } from "@parlor/base";
import { ParlorClient, type ClientOptions } from "../src/index.ts";
import { chosenLink } from "../src/options.ts";
import { TabsLink } from "../src/tabs/tabs-link.ts";
import type { FakeBrowser, FakeTab } from "./fake-browser.ts";

export const KEY = "k".repeat(43);

/**
 * Both ends are in this one process, and where the machine let it wait, timers would run before what came meanwhile is
 * read: these let it be read first, as that of two processes would be.
 */
const FAIR_CLOCK: Clock = {
  ...systemClock,
  after: (ms, task) => systemClock.after(ms, () => void turns(20).then(task)),
};

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A page that shares the browser's connection from its first moment on. */
export function tabClient(
  t: TestContext,
  url: string,
  browser: FakeBrowser,
  options: ClientOptions = {},
): { readonly tab: FakeTab; readonly client: ParlorClient } {
  const tab = browser.tab();
  const own = chosenLink(new URL(url), { transports: ["websocket"] });
  const { platform } = tab;
  const transport = new TabsLink({
    base: url,
    own,
    name: "tabs",
    worker: browser.parts.workers ? "worker.js" : undefined,
    platform,
    clock: FAIR_CLOCK,
    random: systemRandom,
    id: randomId(16),
    Client: ParlorClient,
  });
  const client = new ParlorClient(url, { key: KEY, transport, random: () => 0.1, ...options });
  t.after(() => client.close());
  return { tab, client };
}
