import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { addressOf } from "./address.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };

/** What stands in the list: what was said, and what moderators did. */
async function shown(page: Page): Promise<readonly string[]> {
  return await page
    .locator(".message[data-offset] .text, .act p")
    .evaluateAll((rows) => rows.map((row) => (row.textContent ?? "").replaceAll(" (you)", "")));
}

async function showsTheSame(page: Page, as: readonly string[]): Promise<void> {
  await page
    .waitForFunction((wanted) => {
      const rows = [...document.querySelectorAll(".message[data-offset] .text, .act p")];
      const texts = rows.map((row) => (row.textContent ?? "").replaceAll(" (you)", ""));
      return JSON.stringify(texts) === JSON.stringify(wanted);
    }, as)
    // What it shows instead says more than that time ran out.
    .catch(() => undefined);
  assert.deepEqual(await shown(page), as);
}

async function openRoom(page: Page, tab: string): Promise<void> {
  await page.getByRole("button", { name: /^This room/ }).click();
  await page.locator(".tabs").getByRole("button", { name: tab }).click();
}

/** Hands out a link and copies it. */
async function handOut(page: Page, right: string): Promise<URL> {
  await openRoom(page, "Links");
  await page.getByRole("radio", { name: new RegExp(`^${right}`) }).check();
  await page.getByRole("button", { name: "Make the link" }).click();
  await page.locator(".key-shown").getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied").waitFor();
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  await page.keyboard.press("Escape");
  return link;
}

async function byKey(page: Page, text: string, key: string): Promise<void> {
  await page.locator(".message", { hasText: text }).last().focus();
  await page.keyboard.press(key);
}

async function act(page: Page, text: string, button: string): Promise<void> {
  await byKey(page, text, "m");
  await page.getByRole("dialog").getByRole("button", { name: button, exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

async function acted(page: Page, words: string): Promise<void> {
  await page.locator(".act", { hasText: words }).last().waitFor();
}

describe("a room that is moderated", () => {
  for (const query of ["", "?transport=poll"]) {
    test(`[MODPAGE-1] [MODPAGE-2] [MODPAGE-3] [MODPAGE-4] [MODPAGE-5] [MOD-20] an owner, a moderator and a stranger see each act alike, across a SIGKILL${query}`, async () => {
      await using stage = await Stage.set([], { expected: /ERR_INTERNET_DISCONNECTED/ });
      const path = `r/garden${query}`;
      const ada = await stage.visit({ path, name: "Ada", ...CLIPBOARD });
      await say(ada, "The first word");
      await ada.getByText("You made this room").waitFor();
      await ada.getByRole("button", { name: "Keep its link" }).click();
      await ada.getByRole("button", { name: "Show the link" }).click();
      await ada.locator(".qr path").waitFor();
      await ada.keyboard.press("Escape");

      const link = await handOut(ada, "Moderator");
      const opened = `r/garden${query}${link.hash}`;
      const mo = await stage.visit({ path: opened, name: "Mo" });
      await mo.getByRole("heading", { name: "Moderator of garden" }).waitFor();
      await mo.getByText("Pin, remove and hold").waitFor();
      assert.equal((await addressOf(mo)).hash, "");
      await mo.reload();
      await mo.getByRole("button", { name: "Use this link" }).click();
      await mo.getByRole("dialog").waitFor({ state: "detached" });
      await say(mo, "I keep order");

      const sam = await stage.visit({ path, name: "Sam" });
      await say(sam, "Buy my pills");
      await say(sam, "And my watches");
      await seesLast(mo, "Buy my pills", "And my watches");

      // Anybody reports; moderators see it with what is around it, and decide.
      await byKey(sam, "I keep order", "!");
      await sam.getByRole("radio", { name: "It attacks" }).check();
      await sam.getByLabel("Anything to add").fill("I don't like it");
      await sam.getByRole("dialog").getByRole("button", { name: "Report", exact: true }).click();
      await sam.getByText("see it with what was said around it").waitFor();
      await sam.keyboard.press("Escape");
      await ada.getByRole("button", { name: /1 waiting for a moderator/ }).click();
      await ada.locator(".said.is-meant", { hasText: "I keep order" }).waitFor();
      await ada.locator(".said", { hasText: "Buy my pills" }).waitFor();
      await ada.getByText("I don't like it").waitFor();
      await ada.getByRole("button", { name: "Leave it" }).click();
      await ada.getByText("Nothing waits for you").waitFor();
      const outcome = sam.locator(".rule", { hasText: "a moderator looked at it and left it" });
      await outcome.waitFor();
      await sam.reload();
      await outcome.getByRole("button", { name: "Close" }).click();
      await outcome.waitFor({ state: "detached" });
      await ada.keyboard.press("Escape");

      await byKey(mo, "The first word", "p");
      for (const page of [sam, mo]) await page.locator(".pins", { hasText: "The first word" }).waitFor();
      await byKey(mo, "The first word", "p");
      await sam.locator(".pins").waitFor({ state: "detached" });
      await act(mo, "And my watches", "Remove it");
      await acted(sam, "removed a message");
      // What is reported is removed from the queue, too.
      await say(sam, "And my shoes");
      await seesLast(mo, "And my shoes");
      await byKey(mo, "And my shoes", "!");
      await mo.getByRole("radio", { name: "It attacks" }).check();
      await mo.getByRole("dialog").getByRole("button", { name: "Report", exact: true }).click();
      await mo.getByText("see it with what was said around it").waitFor();
      await mo.keyboard.press("Escape");
      await ada.getByRole("button", { name: /1 waiting for a moderator/ }).click();
      await ada.getByRole("button", { name: "Remove it" }).click();
      await ada.getByText("Nothing waits for you").waitFor();
      await ada.keyboard.press("Escape");
      await sam.getByText("And my shoes").waitFor({ state: "detached" });
      await act(mo, "Buy my pills", "Mute");
      await sam.locator(".rule.is-shut", { hasText: "muted you" }).waitFor();
      assert.equal(await sam.getByRole("textbox", { name: "Message" }).isDisabled(), true);

      // Dies with one muted, and comes back so; who asked for the list meanwhile has it then.
      await stage.killServer(async () => {
        await openRoom(mo, "People");
        await mo.getByText("Looking…").waitFor();
      });
      await stage.restartServer();
      await mo.getByRole("button", { name: "Unmute" }).click();
      await mo.keyboard.press("Escape");
      await acted(sam, "write again");
      await say(sam, "I am back");
      await seesLast(ada, "I am back");

      await openRoom(mo, "Rules");
      await mo.getByLabel(/Slow mode/).selectOption({ label: "5 minutes" });
      await acted(sam, "slowed the room down");
      await sam.getByText(/You may write again in \d minutes?/).waitFor();
      await mo.getByLabel(/Slow mode/).selectOption({ label: "no waiting" });
      await acted(sam, "took the brake off");
      await mo.getByLabel("Locked").click();
      await sam.locator(".rule.is-shut", { hasText: "locked" }).waitFor();
      await mo.getByLabel("Locked").click();
      await acted(sam, "unlocked the room");
      await mo.keyboard.press("Escape");

      // One page is away while the rest happens, and the server dies.
      await ada.context().setOffline(true);
      await act(mo, "I am back", "Erase all of theirs");
      await acted(sam, "erased the messages of");
      await mo.locator(".message .text", { hasText: "message erased" }).last().waitFor();
      await say(sam, "Once more");
      await seesLast(mo, "Once more");
      await act(mo, "Once more", "Ban");
      await acted(mo, "banned");
      await stage.killServer();
      await stage.restartServer();
      await ada.context().setOffline(false);
      await sam
        .getByText(/banned/)
        .last()
        .waitFor();

      const late = await stage.visit({ path, name: "Late" });
      await acted(late, "banned");
      // The oldest is drawn last.
      await late.locator(".message .text", { hasText: "The first word" }).waitFor();
      const list = await shown(late);
      assert.equal(list.filter((text) => text === "message erased").length, 4);
      for (const page of [ada, mo]) await showsTheSame(page, list);
      // An owner bans nobody who is above them, and a moderator not the owner: it is said why.
      await byKey(mo, "The first word", "m");
      await mo.getByRole("dialog").getByRole("button", { name: "Ban", exact: true }).click();
      await mo.getByRole("dialog").locator(".fault:not(:empty)").waitFor();
      await mo.keyboard.press("Escape");
      assert.deepEqual(stage.complaints, []);
    });
  }

  test("[MODPAGE-3] a page that no signal of an act reaches shows all the same what follows from it", async () => {
    await using stage = await Stage.set();
    const ada = await stage.visit({ path: "r/garden", name: "Ada" });
    await say(ada, "The first word");
    await ada.getByText("You made this room").waitFor();
    let dropped = 0;
    const sam = await stage.visit({ path: "r/garden", name: "Sam" });
    await sam.routeWebSocket(/connect/, (here) => {
      const there = here.connectToServer();
      there.onMessage((frame) => {
        if (/^\{"type":"signals?".*"moderation"/.test(String(frame))) dropped += 1;
        else here.send(frame);
      });
    });
    await sam.goto(`${sam.url()}?transport=websocket`);
    await sam.getByRole("button", { name: /^This room/ }).waitFor();
    await byKey(ada, "The first word", "p");
    await acted(sam, "pinned a message");
    await sam.locator(".pins", { hasText: "The first word" }).waitFor();
    await openRoom(ada, "Rules");
    await ada.getByLabel("Locked").click();
    await sam.locator(".rule.is-shut", { hasText: "locked" }).waitFor();
    assert.ok(dropped > 0);
    assert.deepEqual(stage.complaints, []);
  });

  test("[MODPAGE-7] a key that is pressed before the page knows who may do what counts once it does", async () => {
    await using stage = await Stage.set();
    const ada = await stage.visit({ path: "r/garden", name: "Ada" });
    await say(ada, "The first word");
    const sam = await stage.visit({ path: "r/garden", name: "Sam" });
    const held: (() => void)[] = [];
    const { promise: isAnswered, resolve: answered } = Promise.withResolvers<void>();
    await sam.routeWebSocket(/connect/, (here) => {
      const there = here.connectToServer();
      there.onMessage((frame) => {
        // The answers to requests wait, and nothing else.
        if (!String(frame).startsWith('{"type":"reply"')) return here.send(frame);
        held.push(() => here.send(frame));
        answered();
      });
    });
    await sam.goto(`${sam.url()}?transport=websocket`);
    await sam.locator(".message", { hasText: "The first word" }).focus();
    await sam.getByRole("button", { name: "Reply" }).waitFor();
    await sam.keyboard.press("!");
    await sam.getByRole("button", { name: "Report" }).waitFor({ state: "detached" });
    await isAnswered;
    for (const answer of held) answer();
    await sam.getByRole("dialog").getByRole("radio", { name: "It attacks" }).waitFor();
    assert.deepEqual(stage.complaints, []);
  });

  test("[MODPAGE-8] what a moderator sets stands while the server has not answered, and what it refuses is taken back with its words", async () => {
    await using stage = await Stage.set();
    const sam = await stage.visit({ path: "r/garden", name: "Sam" });
    const ada = await stage.visit({ path: "r/garden", name: "Ada" });
    let hold: ((frame: string) => void) | null = null;
    let answer = (_frame: string): void => undefined;
    await ada.routeWebSocket(/connect/, (here) => {
      answer = (frame) => here.send(frame);
      here.connectToServer().onMessage((frame) => {
        if (hold !== null && String(frame).startsWith('{"type":"reply"')) hold(String(frame));
        else here.send(frame);
      });
    });
    await ada.goto(`${ada.url()}?transport=websocket`);
    await say(ada, "The first word");
    await ada.getByText("You made this room").waitFor();
    await openRoom(ada, "Rules");

    const held: string[] = [];
    hold = (frame) => held.push(frame);
    const locked = ada.getByLabel("Locked");
    await locked.click();
    await acted(sam, "locked the room");
    assert.equal(await locked.isChecked(), true);
    await locked.click();
    assert.equal(await locked.isChecked(), false);
    hold = null;
    for (const frame of held) answer(frame);
    await acted(sam, "unlocked the room");

    hold = (frame) => {
      const { id } = JSON.parse(frame) as { id: number };
      answer(JSON.stringify({ type: "reply", id, error: { code: "forbidden", message: "Not any more." } }));
    };
    await locked.click();
    await ada.getByRole("alert").filter({ hasText: "Not any more." }).waitFor();
    await ada.getByRole("checkbox", { name: "Locked", checked: false }).waitFor();
    assert.deepEqual(stage.complaints, []);
  });
});
