import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { say, seesLast, shownTexts } from "./shown-list.ts";
import { Stage } from "./stage.ts";

describe("two chat pages and the tutorial's page in one room", () => {
  test("[PAGE-1] [TUTOR-8] a server killed while one types: all three show the same list, each message once", async () => {
    await using stage = await Stage.set();
    const ada = await stage.visit({ name: "Ada", path: "r/tutorial" });
    const bob = await stage.visit({ name: "Bob", path: "r/tutorial" });
    const learner = await ada.context().newPage();
    await learner.goto(`${stage.url}tutorial/chat.html`);
    await learner.locator("#sendmsg:enabled").waitFor();
    for (const page of [ada, bob]) await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));

    await learner.locator("#newmsg").fill("from the tutorial");
    await learner.locator("#newmsg").press("Enter");
    for (const page of [ada, bob]) await seesLast(page, "from the tutorial");
    await say(ada, "from the chat");
    await learner.getByText("Ada: from the chat").waitFor();

    const words = Array.from({ length: 20 }, (_, index) => `word ${index + 1}`);
    const typing = (async () => {
      for (const word of words) await say(ada, word);
    })();
    // Not as the last: a page draws what comes together at once.
    await bob.locator(".message[data-offset] .text").getByText("word 3", { exact: true }).waitFor();
    await stage.killServer();
    await typing;
    await stage.restartServer();

    const all = ["from the tutorial", "from the chat", ...words];
    for (const page of [ada, bob]) {
      await page.waitForFunction(
        (count) => document.querySelectorAll(".message[data-offset]:not(.is-waiting)").length === count,
        all.length,
      );
      assert.deepEqual(await shownTexts(page), all);
      assert.equal(await page.evaluate(() => "isTheSamePage" in window), true);
    }
    // The tutorial's page is told that the line was cut, and does what every tutorial says: refresh.
    await learner.reload();
    await learner.getByText("Ada: word 20").waitFor();
    const lines = await learner.locator("#chatlog p").allTextContents();
    assert.deepEqual(lines, ["from the tutorial", ...all.slice(1).map((text) => `Ada: ${text}`)]);
  });
});
