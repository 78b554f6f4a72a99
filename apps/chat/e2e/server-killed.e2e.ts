import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { until } from "@parlor/testkit";
import { isOnDisk } from "./outbox-on-disk.ts";
import { say, seesLast, shownList, shownTexts } from "./shown-list.ts";
import { Stage } from "./stage.ts";

describe("a server that is killed", () => {
  test("[PAGE-1] what is written meanwhile waits, and then both pages show the same list, each once, without a reload", async () => {
    await using stage = await Stage.set();
    // A connection of its own: what a shared worker opens, no page sees.
    const ada = await stage.visit({ path: "?tabs=off", name: "Ada" });
    const bob = await stage.visit({ name: "Bob" });
    for (const page of [ada, bob]) await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
    await say(ada, "before");
    await seesLast(bob, "before");

    // Killed in the middle of a burst: some of it is stored, some acked, some neither.
    const burst = Array.from({ length: 40 }, (_, index) => `burst ${index + 1}`);
    const writing = (async () => {
      for (const text of burst) await say(ada, text);
    })();
    // Not the last one: several may come at once.
    await bob.getByText("burst 5", { exact: true }).waitFor();
    await stage.killServer();
    await writing;
    await say(ada, "while it was gone");
    await say(bob, "I wait too");
    await ada.getByText(/messages? waits? here/).waitFor();
    await bob.getByText("Reconnecting… One message waits here and goes out by itself.").waitFor();
    await ada.locator(".message.is-waiting", { hasText: "while it was gone" }).waitFor();
    assert.equal((await shownList(ada)).at(-1)?.isWaiting, true);
    assert.equal((await shownTexts(ada)).filter((text) => text === "while it was gone").length, 1);
    await stage.picture(ada, "reconnecting");

    // While nobody answers the button stays, and each press is a try.
    const tried = ada.waitForEvent("websocket");
    await ada.getByRole("button", { name: "Try now" }).click();
    await tried;
    await stage.restartServer();
    for (const page of [ada, bob]) {
      // Whoever came back by themselves meanwhile has no button any more.
      await page
        .getByRole("button", { name: "Try now" })
        .click({ timeout: 1_000 })
        .catch(() => undefined);
    }
    const all = ["before", ...burst, "while it was gone", "I wait too"];
    for (const page of [ada, bob]) {
      await page.waitForFunction(
        (count) => document.querySelectorAll(".message[data-offset]:not(.is-waiting)").length === count,
        all.length,
      );
    }
    const list = await shownTexts(ada);
    assert.deepEqual(list, await shownTexts(bob));
    assert.deepEqual([...list].sort(), [...all].sort());
    assert.deepEqual(
      list.filter((text) => text.startsWith("burst")),
      burst,
    );
    for (const page of [ada, bob]) {
      assert.equal(await page.evaluate(() => "isTheSamePage" in window), true);
      assert.equal(await page.locator(".is-waiting").count(), 0);
      assert.equal(await page.getByText("Reconnecting…").count(), 0);
    }
    // And the log itself has each once.
    const { messages } = await stage.history("lobby");
    assert.deepEqual(
      messages.map(({ body }) => (body as { readonly text: string }).text),
      list,
    );
    assert.deepEqual(stage.complaints, []);
  });

  test("[PAGE-5] what was trimmed while a page was away is told where it would have been", async () => {
    await using stage = await Stage.set(["--retain-messages", "20"]);
    await stage.fill("lobby", ["old 1", "old 2", "old 3"]);
    const page = await stage.visit({ name: "Ada" });
    await seesLast(page, "old 1", "old 2", "old 3");
    await stage.killServer();
    await stage.restartServer("elsewhere");
    const texts = Array.from({ length: 60 }, (_, index) => `new ${index + 1}`);
    await stage.fill("lobby", texts);
    let kept = await stage.history("lobby");
    while (kept.messages.length > 20) kept = await stage.history("lobby");
    await stage.killServer();
    await stage.restartServer();
    await seesLast(page, ...texts.slice(-20));
    await page.getByText(`Messages 4–${kept.earliest - 1} are no longer kept`).waitFor();
    assert.deepEqual(await shownTexts(page), ["old 1", "old 2", "old 3", ...texts.slice(-20)]);
    await stage.picture(page, "lost");
    assert.deepEqual(stage.complaints, []);
  });

  test("[PAGE-5] a room whose history was replaced begins anew, says so, and takes what waited", async () => {
    await using stage = await Stage.set();
    const page = await stage.visit({ name: "Ada" });
    await say(page, "of the old history");
    await seesLast(page, "of the old history");
    // Acknowledged: else it would wait, and rightly go into the new history.
    await isOnDisk(page, 0);
    await stage.killServer();
    await say(page, "written while it was gone");
    await stage.wipeData();
    await stage.restartServer();
    await page.getByText("This room began anew").waitFor();
    await seesLast(page, "written while it was gone");
    assert.deepEqual(await shownTexts(page), ["written while it was gone"]);
    assert.deepEqual(stage.complaints, []);
  });

  test("[PAGE-5] a room whose history was replaced by an empty one says so in the tab of a browser, too", async () => {
    await using stage = await Stage.set();
    const page = await stage.visit({ name: "Ada" });
    await say(page, "of the old history");
    await seesLast(page, "of the old history");
    // It has begun with a connection of its own, and is served by the worker of the tabs now.
    const isHandedOver = async (): Promise<boolean> =>
      Number((await stage.opened())["websocket"]) >= 2 && (await stage.connections()) === 1;
    assert.ok(await until(isHandedOver, 20_000));
    await stage.killServer();
    await stage.wipeData();
    await stage.restartServer();
    await page.getByText("This room began anew").waitFor();
    assert.deepEqual(await shownTexts(page), []);
    assert.deepEqual(stage.complaints, []);
  });
});
