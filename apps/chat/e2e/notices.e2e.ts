import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "@parlor/testkit";
import type { Page } from "playwright-core";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

/** What the page did that a person would see or hear outside of it. */
interface Told {
  readonly notices: { readonly title: string; readonly body: string; click(): void }[];
  tones: number;
  asked: number;
}

declare global {
  var told: Told;
  /** Stands for another window in front of the page. */
  var isAway: boolean;
}

/** Runs in each page before its scripts: a browser without a screen shows no notices and plays nothing. */
function noteWhatIsTold(): void {
  globalThis.isAway = false;
  globalThis.told = { notices: [], tones: 0, asked: 0 };
  document.hasFocus = () => !globalThis.isAway;
  globalThis.Notification = class extends EventTarget {
    // As a browser's, the answer holds for all pages of the address.
    static get permission(): string {
      return localStorage.getItem("test.permission") ?? "default";
    }
    static requestPermission(): Promise<string> {
      globalThis.told.asked += 1;
      localStorage.setItem("test.permission", "granted");
      return Promise.resolve("granted");
    }
    constructor(title: string, { body = "" }: NotificationOptions) {
      super();
      globalThis.told.notices.push({ title, body, click: () => this.dispatchEvent(new Event("click")) });
    }
    close(): void {}
  } as unknown as typeof Notification;
  const Tone = globalThis.OscillatorNode;
  globalThis.OscillatorNode = class extends Tone {
    override start(when?: number): void {
      globalThis.told.tones += 1;
      super.start(when);
    }
  };
}

async function leave(page: Page, isAway = true): Promise<void> {
  await page.evaluate((away) => {
    globalThis.isAway = away;
    dispatchEvent(new Event(away ? "blur" : "focus"));
  }, isAway);
}

const titles = (page: Page): Promise<string[]> =>
  page.evaluate(() => globalThis.told.notices.map(({ title, body }) => `${title}: ${body}`));

function icon(page: Page): Promise<string> {
  return page.evaluate(() =>
    decodeURIComponent(document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? ""),
  );
}

describe("notices", () => {
  let stage: Stage;
  let ada: Page;
  let bob: Page;
  before(async () => {
    stage = await Stage.set();
    ada = await stage.visit({ name: "Ada", path: "r/lobby", viewport: { width: 1300, height: 900 } });
    await ada.context().addInitScript(noteWhatIsTold);
    await ada.goto(new URL("r/garden", stage.url).href);
    await ada.goto(new URL("r/lobby", stage.url).href);
    bob = await stage.visit({ name: "Bob", path: "r/garden" });
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[NOTICE-1] title and icon of the tab count who speaks to you, and show a dot for the rest", async () => {
    const plain = await icon(ada);
    await say(bob, "hello all");
    await ada.waitForFunction(() => document.title.startsWith("• lobby"));
    // The part that marks it comes a little after the page.
    assert.ok(await until(async () => /^data:image\/svg\+xml,<svg .*<circle /.test(await icon(ada)), 20_000));
    for (const text of ["@Ada, are you there?", "@Ada?"]) await say(bob, text);
    await ada.waitForFunction(() => document.title.startsWith("(2) lobby"));
    assert.ok(await until(async () => (await icon(ada)).includes(">2</text>"), 20_000));
    await ada.keyboard.press("Alt+ArrowUp");
    await ada.waitForFunction(() => document.title === "garden · Parlor");
    assert.equal(await icon(ada), plain);
    await ada.keyboard.press("Alt+ArrowDown");
    await ada.waitForFunction(() => document.title === "lobby · Parlor");
  });

  test("[NOTICE-2] nothing is asked, shown or played until somebody wants it", async () => {
    await leave(ada);
    await say(bob, "@Ada, nobody asked");
    await ada.waitForFunction(() => document.title.startsWith("(1) lobby"));
    assert.deepEqual(await ada.evaluate(() => ({ ...globalThis.told })), { notices: [], tones: 0, asked: 0 });
    await leave(ada, false);
    await ada.locator(".you").click();
    await ada.getByLabel("Show a notice on this device").check();
    await ada.getByLabel("Play a sound").check();
    assert.deepEqual(await ada.evaluate(() => [globalThis.told.asked, globalThis.told.tones]), [1, 2]);
    await stage.picture(ada, "notices");
    await ada.keyboard.press("Escape");
  });

  test("[NOTICE-2] who is away hears of a mention, once in all their tabs, and a click leads to it", async () => {
    await say(bob, "@Ada, while you look");
    await ada.waitForFunction(() => document.title.startsWith("(2) lobby"));
    assert.deepEqual(await titles(ada), []);
    const beside = await ada.context().newPage();
    await beside.goto(new URL("r/lobby", stage.url).href);
    await beside.getByLabel("Message", { exact: true }).waitFor();
    // As if it had been there for long: what is wanted only then is there.
    await beside.locator(".you").click();
    await beside.keyboard.press("Escape");
    await leave(ada);
    await leave(beside);
    await say(bob, "nothing for anybody by name");
    await say(bob, "@Ada, come and see");
    await ada.waitForFunction(() => document.title.startsWith("(3) lobby"));
    await beside.waitForFunction(() => document.title.startsWith("(3) lobby"));
    const both = async (): Promise<string[]> => [...(await titles(ada)), ...(await titles(beside))];
    const hasTold = (page: Page) => page.waitForFunction(() => globalThis.told.notices.length > 0);
    await Promise.race([hasTold(ada), hasTold(beside)]).catch(() => undefined);
    assert.deepEqual(await both(), ["Bob · garden: @Ada, come and see"]);
    const teller = (await titles(ada)).length > 0 ? ada : beside;
    await teller.evaluate(() => globalThis.told.notices[0]?.click());
    await seesLast(teller, "@Ada, come and see");
    assert.match(new URL(teller.url()).hash, /^#m-\d+$/);
    await beside.close();
  });

  test("[NOTICE-3] in quiet hours nothing is shown or played, and it is counted all the same", async () => {
    await leave(ada, false);
    // All that was said before is read.
    await ada.goto(new URL("r/garden", stage.url).href);
    await seesLast(ada, "@Ada, come and see");
    await ada.waitForFunction(() => document.title === "garden · Parlor");
    await ada.keyboard.press("Alt+ArrowDown");
    await ada.locator(".you").click();
    await ada.getByLabel("Keep quiet at some hours").check();
    for (const label of ["From", "to"]) await ada.getByLabel(label, { exact: true }).fill("00:00");
    await ada.keyboard.press("Escape");
    await leave(ada);
    await say(bob, "@Ada, at night");
    await ada.waitForFunction(() => document.title === "(1) lobby · Parlor");
    // Its icon says that the part which tells of mentions is there, and so told of this one what it would.
    await ada.waitForFunction(() =>
      document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href.startsWith("data:"),
    );
    // What comes in the morning is told; had the night's been, it would stand before it.
    const morning = JSON.stringify({ shown: true, heard: true, quiet: null });
    await ada.evaluate((kept) => localStorage.setItem("parlor.notices", kept), morning);
    await say(bob, "@Ada, in the morning");
    await ada.waitForFunction(() => globalThis.told.notices.length > 0);
    assert.deepEqual(await titles(ada), ["Bob · garden: @Ada, in the morning"]);
    assert.equal(await ada.evaluate(() => globalThis.told.tones), 2);
    assert.deepEqual(stage.complaints, []);
  });
});
