import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { animationsOver } from "./animations.ts";
import { seriousFaults } from "./axe.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

async function hasNone(page: Page, state: string): Promise<void> {
  // A colour that is on its way from one to another is neither.
  await animationsOver(page);
  assert.deepEqual(await seriousFaults(page), [], state);
}

describe("axe", () => {
  test("[A11Y-3] finds nothing serious in any state, in light and in dark", async () => {
    await using stage = await Stage.set();
    await stage.fill("lobby", [
      "Good **evening**.",
      "Look: https://example.org/",
      "مرحبا بكم",
      "```js\nconst answer = 42; // so far\n```",
    ]);
    const page = await stage.visit({ viewport: { width: 1400, height: 900 } });
    const both = async (state: string): Promise<void> => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await hasNone(page, `${state}, ${colorScheme}`);
      }
    };
    await say(page, "And who are you?");
    await seesLast(page, "And who are you?");
    await both("the talk, a name asked for");
    await page.locator(".message[data-offset]").last().focus();
    await page.keyboard.press("+");
    await both("a message with what can be done with it");
    await page.keyboard.press("Escape");
    await page.locator(".rooms a").first().focus();
    await page.keyboard.press("?");
    await both("the keys");
    await page.keyboard.press("Escape");
    await page.locator(".you").click();
    await page.getByRole("button", { name: "Show the link" }).click();
    await page.locator(".qr path").waitFor();
    await both("one's key");
    await page.keyboard.press("Escape");
    await page.getByLabel("Find a room, or go to one").fill("..");
    await page.keyboard.press("Enter");
    await page.getByText("A room's name is not").waitFor();
    await both("a name that no room can have");
    await page.getByLabel("Find a room, or go to one").fill("empty");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing was said here yet").waitFor();
    await stage.fill("lobby", ["unread"]);
    await page.locator(".badge").waitFor();
    await both("an empty room, something unread");

    // A drawer on its way in is half transparent.
    const phone = await stage.visit({ ...PHONE, name: "Grace", reducedMotion: "reduce" });
    await seesLast(phone, "unread");
    await phone.getByRole("button", { name: "Rooms" }).click();
    await hasNone(phone, "the rooms on a phone");
    await phone.keyboard.press("Escape");
    await phone.getByRole("button", { name: /here$/ }).click();
    await hasNone(phone, "the people on a phone");

    const nowhere = await stage.visit({ path: "r/e%CC%81" });
    await nowhere.getByText("This door leads nowhere").waitFor();
    await hasNone(nowhere, "an address that can't be a room");
    await nowhere.context().close();
    await phone.context().close();
    await stage.killServer();
    await page.getByText("What you write is kept.").waitFor();
    await say(page, "said meanwhile");
    await page.getByText("One message waits here").waitFor();
    await both("no connection");
    assert.deepEqual(stage.complaints, []);
  });
});
