import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { addressOf } from "./address.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

function ownTag(page: Page): Promise<string | null> {
  return page.locator(".composer-name .tag").textContent();
}

describe("who one is", () => {
  let stage: Stage;
  let desk: Page;
  let link = "";
  before(async () => {
    stage = await Stage.set();
    desk = await stage.visit({ name: "Ada", viewport: { width: 1400, height: 900 } });
    await say(desk, "from the desk");
    await seesLast(desk, "from the desk");
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
  });

  test("[SELF-1] a name that is changed goes out with what is written next, under the same tag", async () => {
    const before = await ownTag(desk);
    await desk.locator(".you").click();
    const field = desk.getByLabel("Your name");
    await field.fill("Ada Lovelace");
    // At once, whenever it is drawn: who types on writes no name.
    assert.equal(
      await field.evaluate((input: HTMLInputElement) => {
        input.form?.requestSubmit();
        return document.activeElement?.className;
      }),
      "you",
    );
    await say(desk, "under another name");
    await seesLast(desk, "from the desk", "under another name");
    assert.deepEqual(await desk.locator(".message .author-name").allTextContents(), ["Ada", "Ada Lovelace"]);
    assert.equal(await ownTag(desk), before);
    await desk.locator(".people .author-name", { hasText: "Ada Lovelace" }).waitFor();
  });

  test("[SELF-3] the key is shown as a link and a code, only once it is asked for", async () => {
    await desk.locator(".you").click();
    const dialog = desk.getByRole("dialog", { name: "You" });
    assert.equal(await dialog.locator(".qr").count(), 0);
    await dialog.getByRole("button", { name: "Show the link" }).click();
    await dialog.locator(".qr path").waitFor();
    await stage.picture(desk, "key");
    await desk.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await dialog.getByRole("button", { name: "Copy link" }).click();
    await dialog.getByText("Link copied").waitFor();
    link = await desk.evaluate(() => navigator.clipboard.readText());
    await desk.keyboard.press("Escape");
    assert.ok(new URL(link).hash.startsWith("#me="));
  });

  test("[SELF-2] a link whose key was cut on its way says so, and one stays who one is", async () => {
    const phone = await stage.visit({ name: "Eve" });
    await phone.locator(".composer-name .tag").waitFor();
    const tag = await ownTag(phone);
    await phone.goto(link.replace(/(#me=.{9}).*/, "$1"));
    const dialog = phone.getByRole("dialog", { name: "This link brings no key" });
    await dialog.getByText("so you stay who you are").waitFor();
    assert.equal((await addressOf(phone)).hash, "");
    await dialog.getByRole("button", { name: "Close" }).nth(1).click();
    await dialog.waitFor({ state: "detached" });
    await phone.locator(".composer-name .tag").waitFor();
    assert.equal(await ownTag(phone), tag);
    await phone.context().close();
  });

  test("[SELF-4] whoever opens the link is asked, and is the same person then; no address told the server of it", async () => {
    const phone = await stage.visit({
      viewport: { width: 390, height: 780 },
      hasTouch: true,
      isMobile: true,
    });
    const asked: string[] = [];
    phone.on("request", (request) => asked.push(request.url(), JSON.stringify(request.headers())));
    const tag = await ownTag(phone);
    await phone.goto(link);
    const dialog = phone.getByRole("dialog", { name: "Become somebody else here?" });
    await dialog.getByText((await ownTag(desk)) ?? "").waitFor();
    assert.equal((await addressOf(phone)).hash, "");
    await stage.picture(phone, "become");
    await dialog.getByRole("button", { name: "Stay who I am" }).click();
    assert.equal(await ownTag(phone), tag);
    await phone.goto(link);
    await dialog.getByRole("button", { name: "Become this person" }).click();
    await phone.waitForFunction(
      (wanted) => document.querySelector(".composer-name .tag")?.textContent === wanted,
      await ownTag(desk),
    );
    await say(phone, "from the phone");
    await seesLast(desk, "under another name", "from the phone");
    assert.equal(await desk.locator(".message.is-own").count(), 3);
    const key = decodeURIComponent(/#me=([^&]+)/.exec(link)?.[1] ?? "");
    assert.ok(key.length >= 22 && !asked.some((text) => text.includes(key)));
    await phone.context().close();
  });

  test("[SELF-4] [SELF-5] a link or a key can be pasted, other tabs follow, and what is neither is refused in words", async () => {
    const other = await stage.visit({ name: "Bob", viewport: { width: 1400, height: 900 } });
    const beside = await other.context().newPage();
    await beside.goto(stage.url);
    await beside.locator("#composer-text").fill("half a thought");
    const stuck = await other.context().newPage();
    await stuck.routeWebSocket(/connect/, () => {});
    await stuck.goto(new URL("r/garden?transport=websocket", stage.url).href);
    await say(stuck, "not sent yet");
    await other.locator(".you").click();
    const field = other.getByLabel("Link or key from there");
    await field.fill("https://example.org/");
    await other.keyboard.press("Enter");
    await other.getByText("neither such a link nor a key").waitFor();
    await field.fill(link);
    await other.keyboard.press("Enter");
    await other.getByRole("button", { name: "Become this person" }).click();
    await other.waitForFunction(
      (wanted) => document.querySelector(".you .tag")?.textContent === wanted,
      await ownTag(desk),
    );
    // Other tabs follow by themselves, with what was begun in them; not where something would be lost.
    await beside.waitForFunction(
      (wanted) => document.querySelector(".composer-name .tag")?.textContent === wanted,
      await ownTag(desk),
    );
    assert.equal(await beside.locator("#composer-text").inputValue(), "half a thought");
    await stuck.getByText("In another tab you became somebody else.").waitFor();
    await stuck.locator(".message.is-waiting", { hasText: "not sent yet" }).waitFor();
    assert.deepEqual(stage.complaints, []);
  });
});
