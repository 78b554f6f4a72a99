import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  blocksUpgrades,
  buffersResponses,
  startProxy,
  swallowsFrames,
  type ProxyFault,
} from "@parlor/testkit";
import type { Page } from "playwright-core";
import { ProxyStage, type ProxyStarter } from "./proxy-stage.ts";
import { Talk } from "./talk-through.ts";

const through =
  (...faults: readonly ProxyFault[]): ProxyStarter =>
  (upstreamPort) =>
    startProxy({ upstreamPort, faults });

/** Looks from now on whether the page says that its connection is lost; gives how often it did. */
async function watchForLosses(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const seen = { count: 0 };
    Object.assign(window, { losses: seen });
    new MutationObserver(() => {
      if (document.querySelector(".notice, .dot:not(.is-live)") !== null) seen.count += 1;
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  return () => page.evaluate(() => (window as unknown as { losses: { count: number } }).losses.count);
}

/** All connections end, and those that come meet another proxy: as when a laptop is carried elsewhere. */
async function carryTo(stage: ProxyStage, ...faults: readonly ProxyFault[]): Promise<void> {
  await stage.become(through(...faults));
  stage.network.cutAll();
}

describe("two pages whose road changes while both write", () => {
  for (const [server, flags] of [
    ["one process", []],
    // Whichever answers a request is another one than the one that answered before.
    ["two workers", ["--workers", "2"]],
  ] as const) {
    test(`[PROXY-9] from a WebSocket to a stream, to polling and back, all that was said is there once, with ${server}`, async () => {
      await using stage = await ProxyStage.set({
        proxy: through(),
        args: (origin) => ["--origins", origin, ...flags],
      });
      await using talk = await Talk.begin(stage.stage);
      await talk.bothWays();
      await talk.burst("swallowed", () => carryTo(stage, swallowsFrames()));
      await talk.bothWays();
      await talk.isCarriedBy("stream");
      await talk.burst("blocked", () => carryTo(stage, blocksUpgrades()));
      await talk.bothWays();
      await talk.isCarriedBy("stream");
      await talk.burst("buffered", () => carryTo(stage, blocksUpgrades(), buffersResponses()));
      await talk.bothWays();
      await talk.isCarriedBy("poll");
      await talk.burst("good again", () => carryTo(stage));
      await talk.bothWays();
      await talk.endsWithAllOnce();
    });
  }

  test("[PROXY-9] a WebSocket that becomes possible is taken in the middle of the talk, and nobody notices", async () => {
    await using stage = await ProxyStage.set({ proxy: through(blocksUpgrades()) });
    await using talk = await Talk.begin(stage.stage);
    await talk.bothWays();
    await talk.isCarriedBy("stream");
    const losses = await watchForLosses(talk.ada);
    await stage.become(through());
    let rounds = 0;
    while ((await talk.carriers()).some((each) => each !== "websocket"))
      await talk.burst(`round ${++rounds}`);
    assert.ok(rounds > 0);
    await talk.burst("over the WebSocket");
    await talk.endsWithAllOnce();
    assert.equal(await losses(), 0);
  });
});
