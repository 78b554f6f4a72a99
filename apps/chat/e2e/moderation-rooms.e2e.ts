import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import type { Page } from "playwright-core";
import { animationsOver } from "./animations.ts";
import { addressOf } from "./address.ts";
import { seriousFaults } from "./axe.ts";
import { say, seesLast, shownTexts } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
const POLLING = "?transport=poll";
const STREAMING = "?transport=stream";
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

async function openRoom(page: Page, tab: string): Promise<void> {
  await page.getByRole("button", { name: /^This room/ }).click();
  await page.locator(".tabs").getByRole("button", { name: tab }).click();
}

async function handOut(page: Page, right: string): Promise<string> {
  await openRoom(page, "Links");
  await page.getByRole("radio", { name: new RegExp(`^${right}`) }).check();
  await page.getByRole("button", { name: "Make the link" }).click();
  await page.locator(".key-shown").getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.keyboard.press("Escape");
  return link.slice(link.indexOf("r/"));
}

async function hasNoFaults(page: Page, state: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await animationsOver(page);
    assert.deepEqual(await seriousFaults(page), [], `${state}, ${colorScheme}`);
  }
}

describe("a room with a door", () => {
  test("[MODPAGE-2] [MODPAGE-4] [MODPAGE-6] [MODPAGE-7] [MOD-20] opens to links alone, lets links of newcomers wait, and is right for axe, keyboard and phone, over polls and streams and across a SIGKILL, too", async () => {
    await using stage = await Stage.set();
    const path = "r/library";
    const ada = await stage.visit({ path, name: "Ada", ...CLIPBOARD });
    await say(ada, "Silence, please");
    await ada.getByText("You made this room").waitFor();
    await hasNoFaults(ada, "a room of one's own");

    // Newcomers' links wait; the author sees that, and one message in the end.
    await openRoom(ada, "Rules");
    await ada.getByLabel(/Links of newcomers wait/).click();
    await ada.locator(".act", { hasText: "links of newcomers wait" }).waitFor();
    await hasNoFaults(ada, "the rules");
    await ada.keyboard.press("Escape");
    const sam = await stage.visit({ ...PHONE, path: `${path}${POLLING}`, name: "Sam" });
    await say(sam, "Read https://example.org/ now");
    await sam.locator(".message.is-held", { hasText: "wait for a moderator" }).waitFor();
    await hasNoFaults(sam, "one that waits, on a phone");
    await ada.getByRole("button", { name: /1 waiting/ }).click();
    await ada.locator(".said", { hasText: "example.org" }).waitFor();
    await hasNoFaults(ada, "the queue");
    await ada.getByRole("button", { name: "Let it through" }).click();
    await ada.keyboard.press("Escape");
    await seesLast(ada, "Silence, please", "Read https://example.org/ now");
    await sam.locator(".message.is-held").waitFor({ state: "detached" });
    assert.deepEqual(await shownTexts(sam), ["Silence, please", "Read https://example.org/ now"]);

    // By keyboard alone: a message, what a moderator may do with it, and back.
    await ada.locator(".message", { hasText: "example.org" }).focus();
    await ada.keyboard.press("m");
    await ada.getByRole("heading", { name: "Moderate" }).waitFor();
    await hasNoFaults(ada, "what a moderator can do");
    await ada.keyboard.press("Escape");

    // However much a part of it holds, and however late that comes, what one is about to press does not move.
    const tops: (number | undefined)[] = [];
    for (const tab of ["Rules", "Links", "People"]) {
      await openRoom(ada, tab);
      tops.push((await ada.locator(".tabs").boundingBox())?.y);
      await ada.keyboard.press("Escape");
      await ada.getByRole("dialog").waitFor({ state: "detached" });
    }
    assert.equal(new Set(tops).size, 1, tops.join(", "));

    const reader = await handOut(ada, "Reader");
    const poster = await handOut(ada, "Poster");
    await openRoom(ada, "Links");
    await ada.locator(".rule-list li").nth(1).waitFor();
    await hasNoFaults(ada, "the links");
    await ada.keyboard.press("Escape");
    await openRoom(ada, "Rules");
    await ada.getByRole("radio", { name: "Read-only" }).click();
    await sam.locator(".rule.is-shut", { hasText: "read" }).waitFor();
    await hasNoFaults(sam, "a room that can't be written to, on a phone");
    await ada.getByRole("radio", { name: "Link-only" }).click();
    await ada.locator(".act", { hasText: "link-only" }).waitFor();
    await ada.keyboard.press("Escape");
    await sam.getByText("This door is closed to you").waitFor();
    await hasNoFaults(sam, "a closed door, on a phone");

    // A link opens it, at once; the next lets its holder write.
    await sam.goto(new URL(reader.replace("#", `${POLLING}#`), stage.url).href);
    await sam.getByRole("heading", { name: "Reader of library" }).waitFor();
    await hasNoFaults(sam, "what a link allows, on a phone");
    await sam.getByRole("button", { name: "Use this link" }).click();
    await seesLast(sam, "Silence, please", "Read https://example.org/ now");
    await sam.locator(".rule.is-shut").waitFor();
    await sam.goto(new URL(poster.replace("#", `${POLLING}#`), stage.url).href);
    await sam.getByRole("button", { name: "Use this link" }).click();
    await sam.locator(".rule.is-shut").waitFor({ state: "detached" });
    await say(sam, "Thank you");
    await seesLast(ada, "Thank you");

    // Taken back, it counts no more, which an open page shows by itself; and who opens it then is told.
    await openRoom(ada, "Links");
    await ada
      .locator(".rule-list li", { hasText: "Poster" })
      .getByRole("button", { name: "Take back" })
      .click();
    await ada.locator(".rule-list li.is-over").waitFor();
    await ada.keyboard.press("Escape");
    await sam.locator(".rule.is-shut").waitFor();
    const late = await stage.visit({ path: poster, name: "Late" });
    await late.getByRole("heading", { name: "This link opens nothing" }).waitFor();
    await late.getByRole("dialog").getByText(/link/).last().waitFor();
    await hasNoFaults(late, "a link that opens nothing");
    assert.equal((await addressOf(late)).hash, "");

    // One that has ended says so, and what to do; the owner's own opens the room on another device.
    const kept = await ada.evaluate(() => ({
      key: localStorage.getItem("parlor.key") ?? "",
      links: JSON.parse(localStorage.getItem("parlor.owner-links") ?? "[]") as [string, string][],
    }));
    const client = new ParlorClient(stage.url, { key: kept.key });
    const act = { kind: "link", right: "reader", forMs: 1 };
    const asked = { room: "library", id: "a-link-that-ends", act };
    const { link } = await client.request<{ link: { token: string } }>("moderation.act", asked);
    client.close();
    const tardy = await stage.visit({ ...PHONE, path: `${path}#link=${link.token}`, name: "Tardy" });
    await tardy.getByRole("heading", { name: "This link has ended" }).waitFor();
    await tardy.getByText("ask for a new one").waitFor();
    await hasNoFaults(tardy, "a link that has ended, on a phone");
    await stage.picture(tardy, "moderation-link-ended");
    await tardy.context().close();
    const own = kept.links.find(([room]) => room === "library")?.[1];
    const device = await stage.visit({ path: `${path}#link=${own}`, name: "Ada" });
    await device.getByRole("heading", { name: "Owner of library" }).waitFor();
    await device.getByRole("button", { name: "Use this link" }).click();
    await seesLast(device, "Thank you");
    await openRoom(device, "Rules");
    await device.getByText("You are here as owner").waitFor();
    await device.getByRole("radio", { name: "Open", exact: false }).first().click();
    await ada.locator(".act", { hasText: "made the room open" }).waitFor();
    await device.keyboard.press("Escape");

    // What is dropped is not in the room; and a ban of the addresses around somebody shuts out new keys, until it is lifted.
    const zed = await stage.visit({ path: `${path}${STREAMING}`, name: "Zed" });
    await say(zed, "Buy at https://example.org/");
    await zed.locator(".message.is-held", { hasText: "wait for a moderator" }).waitFor();
    await ada.getByRole("button", { name: /1 waiting/ }).click();
    await ada.getByRole("button", { name: "Drop it" }).click();
    await ada.getByText("Nothing waits for you").waitFor();
    await ada.keyboard.press("Escape");
    await say(zed, "Then without");
    await seesLast(ada, "Thank you", "Then without");
    const tag =
      (await ada.locator(".message", { hasText: "Then without" }).locator(".tag").textContent()) ?? "";
    await openRoom(ada, "People");
    await ada.getByLabel("Find somebody by name or tag").fill("nobody of that name");
    await ada.getByText("Nobody who spoke here lately").waitFor();
    await ada.getByLabel("Find somebody by name or tag").fill(tag);
    await hasNoFaults(ada, "somebody found by their tag");
    await ada.getByRole("list", { name: "Found" }).getByRole("button", { name: "Moderate…" }).click();
    await ada.getByLabel("A ban reaches").selectOption("wide");
    await ada.getByRole("dialog").getByRole("button", { name: "Ban", exact: true }).click();
    await ada.getByRole("dialog").waitFor({ state: "detached" });
    await zed.getByText("This door is closed to you").waitFor();
    await stage.killServer();
    await stage.restartServer();
    const again = await stage.visit({ path: `${path}${POLLING}`, name: "Zed" });
    await again.getByText("the network that you come from").first().waitFor();
    await openRoom(ada, "People");
    await ada.getByRole("button", { name: "Lift the ban" }).click();
    await ada.keyboard.press("Escape");
    // Who is shut out hears no signal of the room, and looks by themselves.
    for (const page of [zed, again]) await seesLast(page, "Thank you", "Then without");
    const wide = await sam.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, "nothing reaches out of a phone");
    assert.deepEqual(stage.complaints, []);
  });
});
