import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { animationsOver } from "./animations.ts";
import { addressOf } from "./address.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage, type VisitOptions } from "./stage.ts";

/** Every window a person may have: desk, phone, the narrowest, and a desk at 200 % zoom. */
const WINDOWS: Readonly<Record<string, VisitOptions>> = {
  desk: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  narrow: { viewport: { width: 320, height: 560 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  zoomed: { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 },
};

/** What reaches out of the window, as words; nothing should. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const outside: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) outside.push("the page scrolls sideways");
    for (const element of document.querySelectorAll("button, textarea, input, h1")) {
      const { left, right, bottom } = element.getBoundingClientRect();
      if (left < 0 || right > innerWidth || bottom > innerHeight)
        outside.push(element.outerHTML.slice(0, 80));
    }
    return outside;
  });
}

/** Contrast of each piece of text with what is behind it; those under 4.5 to 1, as words. */
function pale(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (canvas === null) throw new Error("no canvas");
    const bytes = (colour: string): [number, number, number, number] => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a];
    };
    const luminance = (colour: string): number => {
      const [r, g, b] = bytes(colour).map((byte) => {
        const part = byte / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
    };
    const behind = (element: Element | null): string => {
      for (let each = element; each !== null; each = each.parentElement) {
        const { backgroundColor } = getComputedStyle(each);
        if (bytes(backgroundColor)[3] > 0) return backgroundColor;
      }
      return "white";
    };
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (
        element === null ||
        node.textContent?.trim() === "" ||
        element.closest(".unseen, :disabled, noscript")
      )
        continue;
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) found.push(`${ratio.toFixed(2)}: ${node.textContent?.slice(0, 40)}`);
    }
    return found;
  });
}

describe("how it looks", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`[PAGE-14] in ${colorScheme} nothing is cut off in any window, and every text can be read`, async () => {
      await using stage = await Stage.set();
      const people = ["Ada", "Grace Hopper", "王小明", "Somebody with a very long name indeed"];
      for (const name of people) {
        await stage.fill(
          "lobby",
          ["Good evening.", `It is ${name}, and this is a longer line, so that it has to wrap somewhere.`],
          name,
        );
      }
      await stage.fill("lobby", [
        "Have a look at https://example.org/a/rather/long/address?with=parts#and-more.",
      ]);
      for (const [window, options] of Object.entries(WINDOWS)) {
        // A drawer that is on its way in stands outside for a moment.
        const page = await stage.visit({ ...options, colorScheme, reducedMotion: "reduce" });
        await say(page, `Seen in the ${window} window.`);
        await seesLast(page, `Seen in the ${window} window.`);
        assert.deepEqual(await cutOff(page), []);
        assert.deepEqual(await pale(page), []);
        await stage.picture(page, `${window}-${colorScheme}-asked`);
        await page.getByRole("button", { name: "Stay a guest" }).click();
        await stage.picture(page, `${window}-${colorScheme}`);
        const drawer = page.getByRole("button", { name: "Rooms" });
        if (await drawer.isVisible()) await drawer.click();
        const search = page.getByLabel("Find a room, or go to one");
        await search.waitFor();
        // It slides in, and is not there before it stands.
        await page.waitForFunction(() =>
          [...document.querySelectorAll(".drawer")].every((drawer) => drawer.getAnimations().length === 0),
        );
        await stage.picture(page, `${window}-${colorScheme}-rooms`);
        assert.deepEqual(await cutOff(page), []);
        assert.deepEqual(await pale(page), []);
        await search.fill("an empty room");
        await page.keyboard.press("Enter");
        await page.getByText("Nothing was said here yet").waitFor();
        assert.deepEqual(await cutOff(page), []);
        assert.deepEqual(await pale(page), []);
        await stage.picture(page, `${window}-${colorScheme}-empty`);
        await page.context().close();
      }
      assert.deepEqual(stage.complaints, []);
    });
  }

  test("[PAGE-14] written from right to left the whole page is turned around, and nothing is cut off at 320 px", async () => {
    await using stage = await Stage.set();
    await stage.fill(
      "lobby",
      ["مساء الخير", "Good evening, and a longer line that has to wrap somewhere."],
      "ليلى",
    );
    const page = await stage.visit({ ...WINDOWS["narrow"], name: "Ada", reducedMotion: "reduce" });
    await page.evaluate(() => (document.documentElement.dir = "rtl"));
    const isWhole = async (state: string): Promise<void> => {
      await animationsOver(page);
      assert.deepEqual([...(await cutOff(page)), ...(await pale(page))], [], state);
      await stage.picture(page, `turned-${state}`);
    };
    const sideOf = async (selector: string): Promise<"left" | "right"> =>
      await page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { left, right } = element.getBoundingClientRect();
          return left + right < innerWidth ? "left" : "right";
        });
    await say(page, "Written in the narrow window.");
    await seesLast(page, "Written in the narrow window.");
    await isWhole("talk");
    // Who speaks stands where a line begins, and the button that sends it where it ends.
    assert.deepEqual([await sideOf(".message-author .seal"), await sideOf(".send")], ["right", "left"]);
    await page.locator(".message").last().focus();
    await page.keyboard.press("+");
    await page.getByRole("dialog", { name: "Choose a reaction" }).waitFor();
    await isWhole("reactions");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Rooms" }).click();
    await page.getByLabel("Find a room, or go to one").waitFor();
    await isWhole("rooms");
    assert.equal(await sideOf(".drawer[open]"), "right");
    await page.locator(".you").click();
    await page.getByRole("dialog", { name: "You" }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    await stage.picture(page, "turned-you");
    await page.keyboard.press("Escape");
    assert.deepEqual(stage.complaints, []);
  });

  test("[PAGE-9] below a base path everything is found, and the address stays below it", async () => {
    await using stage = await Stage.set(["--base-path", "/talk/"]);
    const page = await stage.visit({ name: "Ada" });
    await say(page, "below a path");
    await seesLast(page, "below a path");
    assert.equal((await addressOf(page)).pathname, "/talk/r/lobby");
    assert.deepEqual(stage.complaints, []);
  });

  test("[PAGE-14] every control is reached by the keyboard, and the list scrolls by it", async () => {
    await using stage = await Stage.set();
    await stage.fill(
      "lobby",
      Array.from({ length: 50 }, (_, index) => `line ${index + 1}`),
    );
    const page = await stage.visit({ name: "Ada" });
    await seesLast(page, "line 50");
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const reached = new Set<string>();
    for (let turn = 0; turn < 12; turn++) {
      await page.keyboard.press("Tab");
      reached.add(
        await page.evaluate(() => {
          const { activeElement } = document;
          return activeElement?.id || activeElement?.className || "";
        }),
      );
    }
    for (const stop of [
      "room-search",
      "you",
      "button copy-link is-none",
      "scroll",
      "composer-name",
      "composer-text",
    ]) {
      assert.ok(reached.has(stop), stop);
    }
    await page.locator(".scroll").focus();
    await page.keyboard.press("PageUp");
    await page.getByRole("button", { name: "Newest" }).waitFor();
  });
});
