import { after, before, describe, test } from "node:test";
import {
  blocksUpgrades,
  buffersResponses,
  startProxy,
  swallowsFrames,
  type ProxyFault,
} from "@parlor/testkit";
import { ProxyStage, type ProxyStarter } from "./proxy-stage.ts";
import { Talk } from "./talk-through.ts";

const through =
  (...faults: readonly ProxyFault[]): ProxyStarter =>
  (upstreamPort) =>
    startProxy({ upstreamPort, faults });

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
    await talk.burst("buffered", () => carryTo(blocksUpgrades(), buffersResponses()));
    await talk.bothWays();
    await talk.burst("swallowed", () => carryTo(swallowsFrames()));
    await talk.bothWays();
    await talk.burst("good again", () => carryTo());
    await talk.bothWays();
    await talk.endsWithAllOnce();
  });
});
