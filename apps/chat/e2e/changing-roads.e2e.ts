import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
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

describe("two pages whose road changes while both write", () => {
  let stage: ProxyStage;
  before(async () => {
    stage = await ProxyStage.set({ proxy: through() });
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  /** All connections end, and those that come meet another proxy: as when a laptop is carried elsewhere. */
  async function carryTo(...faults: readonly ProxyFault[]): Promise<void> {
    await stage.become(through(...faults));
    stage.network.cutAll();
  }

  test("[PROXY-9] from a WebSocket to a stream, to polling and back, all that was said is there once", async () => {
    await using talk = await Talk.begin(stage.stage, "carried");
    await talk.bothWays();
    await talk.burst("blocked", () => carryTo(blocksUpgrades()));
    await talk.bothWays();
    await talk.isCarriedBy("stream");
    await talk.burst("buffered", () => carryTo(blocksUpgrades(), buffersResponses()));
    await talk.bothWays();
    await talk.isCarriedBy("poll");
    await talk.burst("swallowed", () => carryTo(swallowsFrames()));
    await talk.bothWays();
    await talk.isCarriedBy("stream");
    await talk.burst("good again", () => carryTo());
    await talk.bothWays();
    await talk.isCarriedBy("websocket");
    await talk.endsWithAllOnce();
  });

  test("[PROXY-9] a WebSocket that becomes possible is taken in the middle of the talk, and nobody notices", async () => {
    await stage.become(through(blocksUpgrades()));
    await using talk = await Talk.begin(stage.stage, "better");
    await talk.bothWays();
    const losses = await watchForLosses(talk.ada);
    const before = await stage.stage.opened();
    await stage.become(through());
    for (let round = 1; ; round++) {
      await talk.burst(`round ${round}`);
      const { websocket = 0 } = await stage.stage.opened();
      if (websocket >= (before["websocket"] ?? 0) + 2) break;
    }
    await talk.isCarriedBy("websocket");
    await talk.burst("over the WebSocket");
    await talk.endsWithAllOnce();
    assert.equal(await losses(), 0);
  });
});
