import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FrameLocator, Page } from "playwright-core";
import { Stage } from "./stage.ts";

/** After a long outage the next try is up to 20 s away. */
const COMING_BACK_MS = 60_000;

async function say(page: Page, text: string): Promise<void> {
  await page.locator("#newmsg").fill(text);
  await page.locator("#newmsg").press("Enter");
}

function shown(page: Page | FrameLocator): Promise<string[]> {
  return page.locator("#chatlog p").allTextContents();
}

describe("the tutorial's page with one line changed", () => {
  test("[TUTOR-10] [TUTOR-11] a killed server and a cut line: it goes on with every message once, and the unchanged one asks for a refresh", async () => {
    await using stage = await Stage.set();
    const first = await stage.visit({ path: "tutorial/chat.html" });
    const [ada, bob] = [
      await stage.visit({ path: "tutorial/lasting.html" }),
      await stage.visit({ path: "tutorial/lasting.html" }),
    ];
    for (const page of [first, ada, bob]) await page.locator("#sendmsg:enabled").waitFor();
    await say(ada, "before");
    await bob.getByText("before").waitFor();
    const words = Array.from({ length: 20 }, (_, index) => `word ${index + 1}`);
    const typing = (async () => {
      for (const word of words) await say(ada, word);
    })();
    await bob.getByText("word 3", { exact: true }).waitFor();
    await stage.killServer();
    await typing;
    await say(bob, "from bob, meanwhile");
    await first.getByText("The connection was lost").waitFor();
    for (const page of [ada, bob]) {
      assert.equal(await page.locator("#notice").textContent(), "Connected.");
      assert.equal(await page.locator("#sendmsg:enabled").count(), 1);
    }
    await stage.restartServer();

    for (const page of [ada, bob]) {
      await page
        .locator("#chatlog p")
        .nth(words.length + 1)
        .waitFor({ timeout: COMING_BACK_MS });
      await page.getByText("from bob, meanwhile").waitFor();
      await page.getByText("word 20", { exact: true }).waitFor();
    }
    const { messages } = await stage.history("tutorial");
    const stored = messages.map(({ body }) => body as string);
    assert.deepEqual([...stored].sort(), ["before", ...words, "from bob, meanwhile"].sort());
    assert.deepEqual(
      stored.filter((text) => words.includes(text)),
      words,
    );
    for (const page of [ada, bob]) {
      assert.deepEqual(await shown(page), stored);
      assert.equal(await page.locator("#notice").textContent(), "Connected.");
    }

    const lesson = await stage.visit({ path: "tutorial#step-7", viewport: { width: 1400, height: 900 } });
    const [plain, lasting] = [lesson.frameLocator("#frame"), lesson.frameLocator("#lasting-frame")];
    for (const frame of [plain, lasting]) await frame.locator("#sendmsg:enabled").waitFor();
    await stage.picture(lesson, "tutorial-one-line");
    await lesson.getByRole("button", { name: "Cut both lines" }).click();
    await plain.getByText("The connection was lost").waitFor();
    await lesson.locator('#lasting-trace li:has-text("close")').first().waitFor();
    await say(ada, "behind the cut");
    await lasting.getByText("behind the cut").waitFor();
    assert.equal(await lasting.locator("#notice").textContent(), "Connected.");
    assert.equal((await shown(plain)).includes("behind the cut"), false);
    await stage.picture(lesson, "tutorial-one-line-cut");
    assert.deepEqual(stage.complaints, []);
  });
});
