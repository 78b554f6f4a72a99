import assert from "node:assert/strict";
import type { TransportKind } from "@parlor/client";
import type { Page } from "playwright-core";
import { say, shownTexts } from "./shown-list.ts";
import type { Stage } from "./stage.ts";

/** How many lines each of the two writes in a burst. */
const BURST_COUNT = 10;

/** Two people who talk through whatever stands between, and keep account of what they said. */
export class Talk implements AsyncDisposable {
  readonly ada: Page;
  readonly bob: Page;
  readonly #stage: Stage;
  readonly #room: string;
  readonly #said: string[] = [];

  private constructor(stage: Stage, room: string, ada: Page, bob: Page) {
    this.#stage = stage;
    this.#room = room;
    this.ada = ada;
    this.bob = bob;
  }

  /**
   * Opens two pages of a room.
   * @param query such as `?transport=stream`
   */
  static async begin(stage: Stage, room = "lobby", query = ""): Promise<Talk> {
    const path = `r/${room}${query}`;
    // The certificates of tests are trusted by nobody else.
    const options = { path, ignoreHTTPSErrors: true };
    const ada = await stage.visit({ name: "Ada", ...options });
    const bob = await stage.visit({ name: "Bob", ...options });
    for (const page of [ada, bob]) await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
    return new Talk(stage, room, ada, bob);
  }

  /** One message each way, each seen by the other. */
  async bothWays(): Promise<void> {
    const count = this.#said.length;
    for (const [speaker, listener, name] of [
      [this.ada, this.bob, "Ada"],
      [this.bob, this.ada, "Bob"],
    ] as const) {
      const text = `${name} says ${count}`;
      this.#said.push(text);
      await say(speaker, text);
      // Not as the last: what the listener wrote before may still be on its way.
      await sees(listener, text);
    }
  }

  /** Both write at once; `meanwhile` runs when each has seen a part of what the other wrote. */
  async burst(name: string, meanwhile: () => Promise<void> | void = () => undefined): Promise<void> {
    const lines = (who: string): string[] =>
      Array.from({ length: BURST_COUNT }, (_, index) => `${name} ${who} ${index + 1}`);
    const [adas, bobs] = [lines("Ada"), lines("Bob")];
    this.#said.push(...adas, ...bobs);
    const writing = Promise.all([sayAll(this.ada, adas), sayAll(this.bob, bobs)]);
    await Promise.all([sees(this.bob, adas[3]), sees(this.ada, bobs[3])]);
    await meanwhile();
    await writing;
  }

  /** Both pages say that this transport carries them. */
  async isCarriedBy(transport: TransportKind): Promise<void> {
    for (const page of [this.ada, this.bob]) {
      await page.locator(`.dot.is-live[data-transport="${transport}"]`).waitFor();
    }
  }

  /** What each page says that it is carried by at this moment. */
  async carriers(): Promise<readonly (string | null)[]> {
    const dots = [this.ada, this.bob].map((page) => page.locator(".dot"));
    return await Promise.all(dots.map((dot) => dot.getAttribute("data-transport")));
  }

  /** Both pages, never loaded anew, show all that was said, each once, in the order of the log. */
  async endsWithAllOnce(): Promise<void> {
    const pages = [this.ada, this.bob];
    for (const page of pages) {
      await page.waitForFunction(
        (count) => document.querySelectorAll(".message[data-offset]:not(.is-waiting)").length >= count,
        this.#said.length,
      );
    }
    const { messages } = await this.#stage.history(this.#room);
    const logged = messages.map(({ body }) => (body as { readonly text: string }).text);
    for (const page of pages) {
      assert.deepEqual(await shownTexts(page), logged);
      assert.equal(await page.evaluate(() => "isTheSamePage" in window), true);
      assert.equal(await page.locator(".is-waiting").count(), 0);
    }
    assert.deepEqual([...logged].sort(), [...this.#said].sort());
    for (const who of ["Ada", "Bob"]) {
      const own = (texts: readonly string[]): string[] =>
        texts.filter((text) => text.includes(` ${who} `) || text.startsWith(`${who} `));
      assert.deepEqual(own(logged), own(this.#said));
    }
    assert.deepEqual(this.#stage.complaints, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.ada, this.bob].map((page) => page.context().close()));
  }
}

async function sayAll(page: Page, texts: readonly string[]): Promise<void> {
  for (const text of texts) await say(page, text);
}

async function sees(page: Page, text = ""): Promise<void> {
  await page.locator(".message[data-offset] .text").getByText(text, { exact: true }).waitFor();
}
