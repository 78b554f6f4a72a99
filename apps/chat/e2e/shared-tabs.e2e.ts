import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { until } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder } from "../server/test/parlor-process.ts";
import { RealTabs, type RealTab } from "./real-tabs.ts";

const PATIENCE_MS = 20_000;
const TABS = 10;

/** A server, a browser with tabs of the chat's page, and somebody else who writes. */
class TabsStage implements AsyncDisposable {
  readonly #data: Disposable;
  readonly #server: ParlorProcess;
  readonly browser: RealTabs;
  readonly tabs: RealTab[] = [];
  readonly url: string;
  #said = 0;

  private constructor(data: Disposable, server: ParlorProcess, url: string, browser: RealTabs) {
    this.#data = data;
    this.#server = server;
    this.url = url;
    this.browser = browser;
  }

  /** @param heartbeatMs Of the server: who is silent is found out within two of them. */
  static async set(heartbeatMs: number): Promise<TabsStage> {
    const data = temporaryFolder();
    const server = new ParlorProcess({
      args: [
        "--port",
        "0",
        "--data",
        data.path,
        "--heartbeat-ms",
        String(heartbeatMs),
        "--publish-per-second",
        "Infinity",
      ],
    });
    return new TabsStage(data, server, await server.url, await RealTabs.launch());
  }

  /** @param without What the browser does not have. */
  async open(without = ""): Promise<RealTab> {
    const tab = await this.browser.open(this.url, `localStorage.setItem("parlor.name", "Ada"); ${without}`);
    this.tabs.push(tab);
    return tab;
  }

  /** Connections that the server has now. */
  async connections(): Promise<number> {
    const text = await (await fetch(new URL("metrics", this.url))).text();
    const counts = text.matchAll(/^parlor_connections\{transport="[^"]+"\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  async isOne(): Promise<void> {
    const isOne = await until(async () => (await this.connections()) === 1, PATIENCE_MS);
    assert.ok(isOne, `one connection, not ${await this.connections()}`);
  }

  /** Something is said by somebody else, and by each tab; all of them see all of it once, and in one order. */
  async talk(): Promise<void> {
    const grace = new ParlorClient(this.url);
    const before = this.#said;
    const { offset } = await grace.room("lobby").publish({ text: `said ${++this.#said}`, name: "Grace" });
    grace.close();
    await Promise.all(
      this.tabs.map((tab) => tab.sees(`!!document.querySelector('[data-offset="${offset}"]')`)),
    );
    for (const tab of this.tabs) {
      const text = `said ${++this.#said}`;
      await tab.evaluate(`(() => {
        const field = document.querySelector("textarea");
        Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, ${JSON.stringify(text)});
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.form.requestSubmit();
      })()`);
    }
    const count = this.#said - before;
    const texts = `[...document.querySelectorAll(".message[data-offset] .text")].slice(-${count}).map((row) => row.textContent)`;
    const wanted = Array.from({ length: count }, (_, n) => `said ${before + n + 1}`).sort();
    for (const tab of this.tabs)
      await tab.sees(`JSON.stringify(${texts}.sort()) === ${JSON.stringify(JSON.stringify(wanted))}`);
    const shown = await Promise.all(this.tabs.map((tab) => tab.evaluate(texts)));
    for (const list of shown) assert.deepEqual(list, shown[0], "one order");
  }

  /** The tab that holds the connection; rejects where none does. */
  async leader(): Promise<RealTab> {
    // Tabs hold others besides: while somebody looks at one, for what it has not sent yet, to be the first.
    const held = await this.tabs[0]?.evaluate(
      `navigator.locks.query().then(({ held }) =>
        held.find(({ name }) => name.startsWith("parlor.tabs.") && !name.endsWith(":first"))?.clientId)`,
    );
    for (const tab of this.tabs) {
      const own = await tab.evaluate(
        `navigator.locks.request("own" + Math.random(), async (lock) => {
          const { held } = await navigator.locks.query();
          return held.find(({ name }) => name === lock.name).clientId;
        })`,
      );
      if (own === held) return tab;
    }
    throw new Error("no tab holds the lock");
  }

  drop(tab: RealTab): void {
    this.tabs.splice(this.tabs.indexOf(tab), 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    this.#data[Symbol.dispose]();
  }
}

describe("the tabs of a browser", () => {
  test("[TABS-3] [TABS-20] ten are one connection in a shared worker, whichever of them is closed, frozen or crashes, and in another where that one ends", async () => {
    await using stage = await TabsStage.set(120_000);
    while (stage.tabs.length < TABS) await stage.open();
    await stage.isOne();
    await assert.rejects(stage.leader(), /no tab holds/);
    await stage.talk();
    const [first, second, third] = stage.tabs as [RealTab, RealTab, RealTab];
    stage.drop(first);
    await first.close();
    await second.freeze();
    stage.drop(second);
    third.crash();
    stage.drop(third);
    await stage.talk();
    assert.equal(await stage.connections(), 1);
    await second.thaw();
    stage.tabs.push(second);
    await stage.talk();
    await stage.isOne();
    await stage.browser.endWorkers();
    await stage.talk();
    await stage.isOne();
    // A tab that had no answer takes the worker's lock, and leaves: the worker, which lives, has it again.
    const [tab] = stage.tabs as [RealTab];
    const held = `navigator.locks.query().then(({ held }) => held.find(({ mode, name }) => mode === "exclusive" && name.startsWith("parlor.tabs"))?.name)`;
    const name = JSON.stringify(await tab.evaluate(held));
    await tab.evaluate(`navigator.locks.request(${name}, { steal: true }, async () => undefined)`);
    await tab.sees(`${held}.then((name) => name === ${name})`);
    await stage.talk();
    await stage.isOne();
    assert.deepEqual(stage.browser.faults, []);
  });

  test("[TABS-4] without shared workers a tab holds the connection; closed, frozen past the heartbeat or crashed, another does", async () => {
    await using stage = await TabsStage.set(1_000);
    while (stage.tabs.length < 4) await stage.open("delete window.SharedWorker;");
    await stage.isOne();
    await stage.talk();

    const closed = await stage.leader();
    stage.drop(closed);
    await closed.close();
    await stage.talk();
    await stage.isOne();

    const crashed = await stage.leader();
    stage.drop(crashed);
    crashed.crash();
    await stage.talk();
    await stage.isOne();

    const frozen = await stage.leader();
    const [other] = stage.tabs.filter((tab) => tab !== frozen) as [RealTab];
    await other.show();
    await frozen.sees("document.hidden");
    await frozen.freeze();
    stage.drop(frozen);
    await stage.talk();
    assert.notEqual(await stage.leader(), frozen);
    await stage.isOne();
    await frozen.thaw();
    stage.tabs.push(frozen);
    await stage.talk();
    await stage.isOne();
    assert.deepEqual(stage.browser.faults, []);
  });
});
