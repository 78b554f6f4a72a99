import assert from "node:assert/strict";
import type { TransportKind } from "@parlor/client";
import type { Page } from "playwright-core";
import { say, shownTexts } from "./shown-list.ts";
import type { Stage } from "./stage.ts";

/** Longer than a better road is looked for, and than one is distrusted before, in ms. */
const SEARCHED_WITHIN_MS = 150_000;
/** How many lines each of the two writes in a burst. */
const BURST_COUNT = 15;

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
    const ada = await stage.visit({ name: "Ada", path });
    const bob = await stage.visit({ name: "Bob", path });
    for (const page of [ada, bob]) await page.evaluate(watchRows);
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
      const dot = page.locator(`.dot.is-live[data-transport="${transport}"]`);
      // Where the machine is so busy that a lesser one won, the better is looked for again 3, 6, 12, … s later; and
      // where it was cut so soon that it is distrusted, behind a minute of that.
      await dot.waitFor({ timeout: SEARCHED_WITHIN_MS });
    }
  }

  /** What each page says that it is carried by at this moment. */
  async carriers(): Promise<readonly (string | null)[]> {
    const dots = [this.ada, this.bob].map((page) => page.locator(".dot"));
    return await Promise.all(dots.map((dot) => dot.getAttribute("data-transport")));
  }

  /**
   * Both pages, never loaded anew, have shown all that was said, each once, in the order of the log. A page lets go
   * of what is far up, so what it showed is what it was seen to show.
   */
  async endsWithAllOnce(): Promise<void> {
    const pages = [this.ada, this.bob];
    for (const page of pages) {
      await page.waitForFunction(
        (count) => (window as unknown as Watched).rowsSeen.size >= count,
        this.#said.length,
      );
    }
    const { messages } = await this.#stage.history(this.#room);
    const logged = messages.map(({ body }) => (body as { readonly text: string }).text);
    for (const page of pages) {
      const { seen, doubled } = await page.evaluate(() => {
        const { rowsSeen, rowsDoubled } = window as unknown as Watched;
        return { seen: [...rowsSeen], doubled: [...rowsDoubled] };
      });
      const inOrder = seen.sort(([one], [other]) => one - other).map(([, text]) => text);
      assert.deepEqual(inOrder, logged);
      assert.deepEqual(doubled, []);
      const shown = await shownTexts(page);
      assert.ok(shown.length >= Math.min(logged.length, 50), `${shown.length} rows`);
      assert.deepEqual(shown, logged.slice(-shown.length));
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

/** What a page keeps account of in these tests. */
interface Watched {
  /** Every row that stood in the list at some time: its offset, and its text. */
  readonly rowsSeen: Map<number, string>;
  /** Offsets that stood there twice at one time. */
  readonly rowsDoubled: Set<number>;
}

/** Runs in the page. A page that is loaded anew has none of it. */
function watchRows(): void {
  const [rowsSeen, rowsDoubled] = [new Map<number, string>(), new Set<number>()];
  const look = (): void => {
    const now = new Set<number>();
    for (const row of document.querySelectorAll<HTMLElement>(".message[data-offset]:not(.is-waiting)")) {
      const offset = Number(row.dataset["offset"]);
      if (now.has(offset)) rowsDoubled.add(offset);
      now.add(offset);
      rowsSeen.set(offset, row.querySelector(".text")?.textContent ?? "");
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
  Object.assign(window, { rowsSeen, rowsDoubled });
}

async function sayAll(page: Page, texts: readonly string[]): Promise<void> {
  for (const text of texts) await say(page, text);
}

async function sees(page: Page, text = ""): Promise<void> {
  await page.locator(".message[data-offset] .text").getByText(text, { exact: true }).waitFor();
}
