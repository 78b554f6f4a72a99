import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "@parlor/testkit";
import type { Page } from "playwright-core";
import { addressOf } from "./address.ts";
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
  var isShownByWorker: boolean;
  /** Stands for somebody who says yes when the browser asks: this one has no window to ask in. */
  function sayYes(): Promise<void>;
}

/** Runs in each page before its scripts: what the browser is really told to show, ask and play is noted. */
function noteWhatIsTold(): void {
  globalThis.isAway = false;
  globalThis.told = { notices: [], tones: 0, asked: 0 };
  document.hasFocus = () => !globalThis.isAway;
  globalThis.Notification = class extends Notification {
    static override async requestPermission(): Promise<NotificationPermission> {
      globalThis.told.asked += 1;
      await globalThis.sayYes();
      return super.requestPermission();
    }
    constructor(title: string, options?: NotificationOptions) {
      super(title, options);
      const click = (): void => void this.dispatchEvent(new Event("click"));
      this.addEventListener("show", () => globalThis.told.notices.push({ title, body: this.body, click }));
    }
  };
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

/** As somebody who chose notices and sounds. */
async function wantsNotices(page: Page): Promise<void> {
  await page.context().grantPermissions(["notifications"], { origin: new URL(page.url()).origin });
  const kept = JSON.stringify({ shown: true, heard: true, quiet: null });
  await page.evaluate((value) => localStorage.setItem("parlor.notices", value), kept);
}

function icon(page: Page): Promise<string> {
  return page.evaluate(() =>
    decodeURIComponent(document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? ""),
  );
}

describe("notices", () => {
  let stage: Stage;
  let ada: Page;
  let bob: Page;
  /** Said last in the room that Ada is not in. */
  let lastSaid = "";
  before(async () => {
    stage = await Stage.set([], { expected: /ERR_INTERNET_DISCONNECTED/ });
    ada = await stage.visit({ name: "Ada", path: "r/lobby", viewport: { width: 1300, height: 900 } });
    await ada.context().addInitScript(noteWhatIsTold);
    bob = await stage.visit({ name: "Bob", path: "r/garden" });
    await bobSays("good morning");
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  async function bobSays(text: string): Promise<void> {
    await say(bob, text);
    lastSaid = text;
  }

  /** A page that has read all of the garden and is in the lobby, whatever came before: no test stands on another. */
  async function hasReadAll(page: Page): Promise<void> {
    await page.goto(new URL("r/garden", stage.url).href);
    // What is shown was read; a room that was left before is as unread as it was.
    await seesLast(page, lastSaid);
    await page.goto(new URL("r/lobby", stage.url).href);
    await page.waitForFunction(() => document.title === "lobby · Parlor");
  }

  const titleBegins = (page: Page, words: string) =>
    page.waitForFunction((begin) => document.title.startsWith(begin), words);

  test("[NOTICE-1] title and icon of the tab count who speaks to you, and show a dot for the rest", async () => {
    await hasReadAll(ada);
    const plain = await icon(ada);
    await bobSays("hello all");
    await titleBegins(ada, "• lobby");
    // The part that marks it comes a little after the page.
    assert.ok(await until(async () => /^data:image\/svg\+xml,<svg .*<circle /.test(await icon(ada)), 20_000));
    for (const text of ["@Ada, are you there?", "@Ada?"]) await bobSays(text);
    await titleBegins(ada, "(2) lobby");
    assert.ok(await until(async () => (await icon(ada)).includes(">2</text>"), 20_000));
    await ada.keyboard.press("Alt+ArrowUp");
    await ada.waitForFunction(() => document.title === "garden · Parlor");
    assert.equal(await icon(ada), plain);
    await seesLast(ada, "hello all", "@Ada, are you there?", "@Ada?");
    await ada.keyboard.press("Alt+ArrowDown");
    await ada.waitForFunction(() => document.title === "lobby · Parlor");
  });

  test("[NOTICE-2] nothing is asked, shown or played until somebody wants it", async () => {
    const { promise: hasAnswered, resolve: answer } = Promise.withResolvers<undefined>();
    const { origin } = new URL(stage.url);
    await ada.context().exposeFunction("sayYes", async () => {
      await hasAnswered;
      await ada.context().grantPermissions(["notifications"], { origin });
    });
    await hasReadAll(ada);
    await leave(ada);
    await bobSays("@Ada, nobody asked");
    await titleBegins(ada, "(1) lobby");
    assert.deepEqual(await ada.evaluate(() => ({ ...globalThis.told })), { notices: [], tones: 0, asked: 0 });
    await leave(ada, false);
    await ada.locator(".you").click();
    await ada.getByLabel("Show a notice on this device").check();
    await ada.getByLabel("Play a sound").check();
    assert.deepEqual(await ada.evaluate(() => [globalThis.told.asked, globalThis.told.tones]), [1, 2]);
    // Who answers the browser only then has lost nothing of what they chose meanwhile.
    answer(undefined);
    await ada.waitForFunction(
      (wanted) => localStorage.getItem("parlor.notices") === wanted,
      JSON.stringify({ shown: true, heard: true, quiet: null }),
    );
    await stage.picture(ada, "notices");
    await ada.keyboard.press("Escape");
  });

  test("[NOTICE-2] who is away hears of a mention, once in all their tabs, and a click leads to it", async () => {
    await wantsNotices(ada);
    await hasReadAll(ada);
    await bobSays("@Ada, while you look");
    await titleBegins(ada, "(1) lobby");
    assert.deepEqual(await titles(ada), []);
    const beside = await ada.context().newPage();
    await beside.goto(new URL("r/lobby", stage.url).href);
    await beside.getByLabel("Message", { exact: true }).waitFor();
    // As if it had been there for long: what is wanted only then is there.
    await beside.locator(".you").click();
    await beside.keyboard.press("Escape");
    await leave(ada);
    await leave(beside);
    await bobSays("nothing for anybody by name");
    await bobSays("@Ada, come and see");
    await titleBegins(ada, "(2) lobby");
    await titleBegins(beside, "(2) lobby");
    const both = async (): Promise<string[]> => [...(await titles(ada)), ...(await titles(beside))];
    const hasTold = (page: Page) => page.waitForFunction(() => globalThis.told.notices.length > 0);
    await Promise.race([hasTold(ada), hasTold(beside)]).catch(() => undefined);
    assert.deepEqual(await both(), ["Bob · garden: @Ada, come and see"]);
    const teller = (await titles(ada)).length > 0 ? ada : beside;
    await teller.evaluate(() => globalThis.told.notices[0]?.click());
    await seesLast(teller, "@Ada, come and see");
    assert.match((await addressOf(teller)).hash, /^#m-\d+$/);
    await beside.close();
  });

  test("[NOTICE-2] of a mention that came while the connection was away it is told when it is back", async () => {
    await wantsNotices(ada);
    await hasReadAll(ada);
    // What is counted by the server at a page's beginning is told by nobody: from here on it follows the room.
    await bobSays("nothing for anybody by name");
    await ada.locator(".room-entry", { hasText: "garden" }).locator(".badge-count").waitFor();
    await leave(ada);
    await ada.context().setOffline(true);
    await stage.killServer();
    await stage.restartServer();
    await bobSays("@Ada, while you were away");
    await bob.locator(".message[data-offset]", { hasText: "while you were away" }).waitFor();
    await ada.context().setOffline(false);
    await ada.waitForFunction(() => globalThis.told.notices.length > 0);
    assert.deepEqual(await titles(ada), ["Bob · garden: @Ada, while you were away"]);
  });

  test("[NOTICE-3] in quiet hours nothing is shown or played, and it is counted all the same", async () => {
    await wantsNotices(ada);
    await hasReadAll(ada);
    await ada.locator(".you").click();
    await ada.getByLabel("Keep quiet at some hours").check();
    // Both before the form is drawn anew, as on a busy machine: neither takes the other back.
    await ada.locator(".quiet-hours").evaluate((hours) => {
      for (const hour of hours.querySelectorAll("input")) {
        hour.value = "00:00";
        hour.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
    assert.deepEqual(
      await ada.evaluate(() => JSON.parse(localStorage.getItem("parlor.notices") ?? "").quiet),
      { from: "00:00", to: "00:00" },
    );
    await ada.keyboard.press("Escape");
    await leave(ada);
    await bobSays("@Ada, at night");
    await ada.waitForFunction(() => document.title === "(1) lobby · Parlor");
    // Its icon says that the part which tells of mentions is there, and so told of this one what it would.
    await ada.waitForFunction(() =>
      document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href.startsWith("data:"),
    );
    // What comes in the morning is told; had the night's been, it would stand before it.
    await wantsNotices(ada);
    await bobSays("@Ada, in the morning");
    await ada.waitForFunction(() => globalThis.told.notices.length > 0);
    assert.deepEqual(await titles(ada), ["Bob · garden: @Ada, in the morning"]);
    assert.equal(await ada.evaluate(() => globalThis.told.tones), 2);
  });

  test("[NOTICE-2] where a page may show none itself, as on a phone, its worker does", async () => {
    const phone = await stage.visit({
      path: "r/garden",
      name: "Cy",
      serviceWorkers: "allow",
      permissions: ["notifications"],
    });
    await phone.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
    await hasReadAll(phone);
    await phone.evaluate(async () => {
      globalThis.Notification = new Proxy(Notification, {
        construct() {
          throw new TypeError(
            "Illegal constructor. Use ServiceWorkerRegistration.showNotification() instead.",
          );
        },
      });
      const worker = await navigator.serviceWorker.ready;
      const show = worker.showNotification.bind(worker);
      worker.showNotification = async (...told) => {
        await show(...told);
        globalThis.isShownByWorker = true;
      };
      localStorage.setItem("parlor.notices", JSON.stringify({ shown: true, heard: false, quiet: null }));
      document.hasFocus = () => false;
      dispatchEvent(new Event("blur"));
    });
    // The first may have been counted by the server; the second says that the page hears the garden by itself.
    for (const count of ["1", "2"]) {
      await bobSays(`nothing for anybody, ${count}`);
      await phone.waitForFunction(
        (wanted) => document.querySelector(".room-entry .badge-count")?.textContent === wanted,
        count,
      );
    }
    await bobSays("@Cy, on your phone");
    // Asked for once it is shown, and only then: a browser forgets one that it is asked for while it comes.
    await phone.waitForFunction(() => globalThis.isShownByWorker);
    const shown = await phone.evaluate(async () => {
      const notices = await (await navigator.serviceWorker.ready).getNotifications();
      return notices.map(({ title, body, data }) => [title, body, String(data).replace(/\d+$/, "N")]);
    });
    const address = new URL("r/garden#m-N", stage.url).href;
    assert.deepEqual(shown, [["Bob · garden", "@Cy, on your phone", address]]);
    await phone.context().close();
    assert.deepEqual(stage.complaints, []);
  });
});
