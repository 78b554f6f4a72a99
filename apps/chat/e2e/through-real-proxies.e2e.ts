import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TransportKind } from "@parlor/client";
import {
  haproxyDefaultSite,
  nginxDefaultSite,
  selfSignedCertificate,
  startHaproxy,
  startNginx,
  TcpProxy,
} from "@parlor/testkit";
import {
  haproxyRecipe,
  nginxRecipe,
  nginxTlsRecipe,
  recommendedFlags,
} from "../server/test/operations-recipes.ts";
import { ProxyStage, type ProxyStageSetting } from "./proxy-stage.ts";
import { Talk } from "./talk-through.ts";

/** Cuts every connection between pages and proxy. */
const cut = (stage: ProxyStage): void => stage.network.cutAll();

/** Ends the server behind the proxy as a power cut would, and starts it again. */
const killAndRestart = async ({ stage }: ProxyStage): Promise<void> => {
  await stage.killServer();
  await stage.restartServer();
};

/** Two talk through it, something happens in the middle of a burst, and they end with the full list once. */
async function talkThrough(
  carriedBy: TransportKind,
  setting: ProxyStageSetting,
  happens: (stage: ProxyStage) => Promise<void> | void = cut,
): Promise<void> {
  await using stage = await ProxyStage.set(setting);
  await using talk = await Talk.begin(stage.stage);
  await talk.bothWays();
  await talk.burst("meanwhile", () => happens(stage));
  await talk.bothWays();
  await talk.endsWithAllOnce();
  await talk.isCarriedBy(carriedBy);
  if (setting.scheme !== "https") return;
  const protocol = await talk.ada.evaluate(
    () => (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming).nextHopProtocol,
  );
  assert.equal(protocol, "h2");
}

describe("two pages through real proxies", () => {
  test("[PROXY-5] nginx by its defaults (O4)", async () => {
    await talkThrough("stream", { proxy: (upstreamPort) => startNginx(nginxDefaultSite(upstreamPort)) });
  });

  test("[PROXY-6] nginx by the recipe, before a server that is killed and started again (O4)", async () => {
    await talkThrough(
      "websocket",
      {
        proxy: (upstreamPort) => startNginx((port) => nginxRecipe({ port, upstreamPort })),
        args: recommendedFlags,
      },
      killAndRestart,
    );
  });

  test("[PROXY-5] haproxy by its defaults (O4)", async () => {
    await talkThrough("websocket", {
      proxy: (upstreamPort) => startHaproxy(haproxyDefaultSite(upstreamPort)),
    });
  });

  test("[PROXY-11] where the operator forgot to name the site, the page shows the sentence that says so", async () => {
    await using stage = await ProxyStage.set({
      proxy: (upstreamPort) => startNginx(nginxDefaultSite(upstreamPort)),
      args: () => [],
    });
    const page = await stage.stage.visit();
    await page.getByText(/may not connect here; the operator can allow them with --origins/).waitFor();
  });

  // Behind the others, since their browser is another one: it takes any certificate.
  test("[PROXY-7] nginx by the recipe with TLS and HTTP/2 (O1)", async () => {
    await using certificate = await selfSignedCertificate();
    await talkThrough("websocket", {
      scheme: "https",
      proxy: (upstreamPort) => startNginx((port) => nginxTlsRecipe({ port, upstreamPort }, certificate)),
      args: recommendedFlags,
    });
  });

  test("[PROXY-7] haproxy by the recipe with TLS and HTTP/2 (O1)", async () => {
    await using certificate = await selfSignedCertificate();
    // Where haproxy sends plain requests away from; any port will do, as nobody comes there.
    const plain = await TcpProxy.listen(0);
    const { port: plainPort } = plain;
    await plain[Symbol.asyncDispose]();
    const { bundlePath } = certificate;
    await talkThrough("websocket", {
      scheme: "https",
      proxy: (upstreamPort) =>
        startHaproxy((port) => haproxyRecipe({ port, upstreamPort, plainPort }, bundlePath)),
      args: recommendedFlags,
    });
  });
});
