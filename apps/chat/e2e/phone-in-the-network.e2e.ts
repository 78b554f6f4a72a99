import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blocksUpgrades, startProxy } from "@parlor/testkit";
import { ProxyStage, type ProxyStarter } from "./proxy-stage.ts";
import { say } from "./shown-list.ts";
import { Talk } from "./talk-through.ts";

const HOST = "parlor.lan";

/** What a phone meets that opens a computer of the same network by its name: http, and no secure context. */
async function stageOfPhone(proxy: ProxyStarter): Promise<ProxyStage> {
  return await ProxyStage.set({
    proxy,
    host: HOST,
    browserArgs: [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
  });
}

describe("a page over http from another machine's name", () => {
  test("[PROXY-8] without crypto.subtle and navigator.locks two people talk, and a reload keeps who one is", async () => {
    await using phone = await stageOfPhone((upstreamPort) => startProxy({ upstreamPort }));
    await using talk = await Talk.begin(phone.stage);
    const { ada } = talk;
    assert.equal(new URL(ada.url()).hostname, HOST);
    assert.deepEqual(
      await ada.evaluate(() => [isSecureContext, crypto.subtle === undefined, "locks" in navigator]),
      [false, true, false],
    );
    await talk.bothWays();
    await talk.burst("cut", () => phone.network.cutAll());
    await talk.endsWithAllOnce();
    await ada.reload();
    await ada.locator(".message[data-offset].is-own", { hasText: "cut Ada 15" }).waitFor();
    await say(ada, "still Ada");
    await talk.bob.getByText("still Ada", { exact: true }).waitFor();
  });

  test("[PROXY-8] where upgrades are blocked a fallback serves it as well", async () => {
    await using phone = await stageOfPhone((upstreamPort) =>
      startProxy({ upstreamPort, faults: [blocksUpgrades()] }),
    );
    await using talk = await Talk.begin(phone.stage);
    await talk.bothWays();
    await talk.burst("cut", () => phone.network.cutAll());
    await talk.endsWithAllOnce();
  });
});
