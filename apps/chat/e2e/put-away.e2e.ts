import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { until } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder } from "../server/test/parlor-process.ts";
import { RealTabs, type RealTab } from "./real-tabs.ts";

const PATIENCE_MS = 20_000;

async function seesLast(tab: RealTab, ...texts: readonly string[]): Promise<void> {
  const shown = `[...document.querySelectorAll(".message[data-offset] .text")].slice(-${texts.length})`;
  await tab.sees(
    `JSON.stringify(${shown}.map((row) => row.textContent)) === ${JSON.stringify(JSON.stringify(texts))}`,
  );
}

/** Fulfils once the server has no connection. */
async function isLeft(url: string): Promise<void> {
  const open = async (): Promise<number> => {
    const text = await (await fetch(new URL("metrics", url))).text();
    const counts = text.matchAll(/^parlor_connections\{transport="[^"]+"\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  assert.ok(await until(async () => (await open()) === 0, PATIENCE_MS), "nobody is connected");
}

describe("a page that is put away", () => {
  test("[SLEEP-2] [SLEEP-6] frozen past the heartbeat, then in the back/forward cache, it goes on as the same page", async () => {
    using data = temporaryFolder();
    await using server = new ParlorProcess({
      args: ["--port", "0", "--data", data.path, "--heartbeat-ms", "1000"],
    });
    const url = await server.url;
    await using tabs = await RealTabs.launch();
    const say = async (text: string): Promise<void> => {
      const client = new ParlorClient(url);
      await client.room("lobby").publish({ text, name: "Grace" });
      client.close();
    };
    // A stream asks for no sign of life, so a slow start, which may end on one, would keep the page connected.
    const tab = await tabs.open(new URL("?transport=websocket", url).href);
    await tab.evaluate("window.isTheSamePage = true");
    await say("before");
    await seesLast(tab, "before");

    const other = await tabs.open("about:blank");
    await tab.sees("document.hidden");
    await tab.freeze();
    // The server gives it up: nobody answers its pings.
    await isLeft(url);
    await say("while it was frozen");
    await tab.thaw();
    await seesLast(tab, "before", "while it was frozen");
    await tab.show();
    await other.close();

    // Its worker claims the pages of a first visit, and one that it claims while it is put away is not kept.
    await tab.sees("navigator.serviceWorker.controller?.state === 'activated'");
    await tab.goTo(new URL("healthz", url).href);
    await isLeft(url);
    await say("while it was put away");
    await tab.goBack();
    await seesLast(tab, "while it was frozen", "while it was put away");
    assert.equal(await tab.evaluate("window.isTheSamePage"), true, "it was kept, not loaded again");
    assert.deepEqual(tabs.faults, []);
  });
});
