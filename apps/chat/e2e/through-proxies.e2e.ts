import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  blocksUpgrades,
  buffersResponses,
  cutsAfter,
  startProxy,
  swallowsFrames,
  type ProxyFault,
} from "@parlor/testkit";
import type { TransportKind } from "@parlor/client";
import { ProxyStage } from "./proxy-stage.ts";
import { Talk } from "./talk-through.ts";

interface BadProxy {
  readonly name: string;
  readonly room: string;
  readonly faults: readonly ProxyFault[];
  /** What carries the talk in the end, and what never reaches the server. */
  readonly carriedBy: TransportKind | null;
  readonly never?: TransportKind;
}

const BAD_PROXIES: readonly BadProxy[] = [
  {
    name: "[PROXY-1] answers every upgrade 403",
    room: "blocked",
    faults: [blocksUpgrades()],
    carriedBy: "stream",
    never: "websocket",
  },
  {
    name: "[PROXY-1] drops the header that asks for an upgrade",
    room: "dropped",
    faults: [blocksUpgrades("drop-header")],
    carriedBy: "stream",
    never: "websocket",
  },
  {
    name: "[PROXY-3] blocks upgrades and holds each response back until it is complete",
    room: "buffered",
    faults: [blocksUpgrades(), buffersResponses()],
    carriedBy: "poll",
    never: "websocket",
  },
  {
    name: "[PROXY-4] cuts every connection, again and again",
    room: "cut",
    faults: [cutsAfter(1_500)],
    // All transports take turns, as each of them is cut.
    carriedBy: null,
  },
  {
    name: "[PROXY-4] blocks upgrades and cuts every connection, again and again",
    room: "blocked-and-cut",
    faults: [blocksUpgrades(), cutsAfter(1_500)],
    carriedBy: null,
    never: "websocket",
  },
  {
    // The last: such a proxy keeps the server from learning that a page is gone, until a heartbeat is missed.
    name: "[PROXY-2] swallows every frame after the upgrade",
    room: "swallowed",
    faults: [swallowsFrames()],
    carriedBy: "stream",
  },
];

describe("two pages through a proxy that", () => {
  let stage: ProxyStage;
  before(async () => {
    stage = await ProxyStage.set({ proxy: (upstreamPort) => startProxy({ upstreamPort }) });
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  for (const transport of ["stream", "poll"] as const) {
    test(`[PROXY-10] lets everything through, where the address forces ${transport}`, async () => {
      await stage.become((upstreamPort) => startProxy({ upstreamPort }));
      // What the pages of the test before had on its way is not counted here.
      await stage.stage.isLeft();
      const before = await stage.stage.opened();
      await using talk = await Talk.begin(stage.stage, `forced-${transport}`, `?transport=${transport}`);
      await talk.isCarriedBy(transport);
      await talk.bothWays();
      await talk.burst("cut", () => stage.network.cutAll());
      await talk.endsWithAllOnce();
      await talk.isCarriedBy(transport);
      const now = await stage.stage.opened();
      const others = ["websocket", "stream", "poll"].filter((each) => each !== transport);
      for (const other of others) assert.equal(now[other], before[other]);
    });
  }

  for (const { name, room, faults, carriedBy, never } of BAD_PROXIES) {
    test(name, async () => {
      await stage.become((upstreamPort) => startProxy({ upstreamPort, faults }));
      // What the pages of the test before had on its way is not counted here.
      await stage.stage.isLeft();
      const before = await stage.stage.opened();
      await using talk = await Talk.begin(stage.stage, room);
      await talk.bothWays();
      await talk.burst("cut", () => stage.network.cutAll());
      await talk.bothWays();
      await talk.endsWithAllOnce();
      if (carriedBy !== null) await talk.isCarriedBy(carriedBy);
      if (never === undefined) return;
      const now = await stage.stage.opened();
      assert.equal(now[never], before[never]);
    });
  }
});
