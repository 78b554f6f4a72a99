import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { say, seesLast } from "./shown-list.ts";
import { Stage, type VisitOptions } from "./stage.ts";

/** Opens a page without an end, in a browser whose scripts are switched off: nobody waits for it to load. */
async function visitLive(stage: Stage, path: string, options: VisitOptions = {}): Promise<Page> {
  const page = await stage.visit({ ...options, javaScriptEnabled: false, path: "about:blank" });
  await page.goto(new URL(path, stage.url).href, { waitUntil: "commit" });
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  return page;
}

async function write(page: Page, text: string, name?: string): Promise<void> {
  if (name !== undefined) await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
}

function row(page: Page, text: string) {
  return page.locator("article", { has: page.locator(".said", { hasText: text }) });
}

async function texts(page: Page): Promise<string[]> {
  return await page.locator("article .said p").allTextContents();
}

describe("with JavaScript switched off", () => {
  test("[LIVE-1] [LIVE-7] what one writes by the form appears in everybody's page, with and without scripts", async () => {
    await using stage = await Stage.set();
    await stage.fill("lobby", ["before 1", "before 2"]);
    const ada = await visitLive(stage, "r/lobby/live.html");
    const bob = await visitLive(stage, "r/lobby/live.html");
    const grace = await stage.visit({ path: "r/lobby", name: "Grace" });
    await seesLast(grace, "before 1", "before 2");

    await write(ada, "written without a script", "Ada");
    await row(bob, "written without a script").waitFor();
    await seesLast(grace, "before 2", "written without a script");
    await row(ada, "written without a script").waitFor();
    assert.deepEqual(await texts(ada), ["before 1", "before 2", "written without a script"]);
    await say(grace, "<b>written</b> with one");
    for (const page of [ada, bob]) await row(page, "<b>written</b> with one").waitFor();

    // The name is kept, the field is empty, and the keyboard is in it.
    assert.equal(await ada.getByRole("textbox", { name: "Your name" }).inputValue(), "Ada");
    assert.equal(await ada.getByRole("textbox", { name: "Message" }).inputValue(), "");
    await ada.keyboard.type("and again");
    await ada.keyboard.press("Enter");
    for (const page of [ada, bob]) await row(page, "and again").waitFor();
    await seesLast(grace, "<b>written</b> with one", "and again");
    const { messages } = await stage.history("lobby");
    assert.equal(messages.length, 5);
    assert.equal(messages[2]?.from, messages[4]?.from);
    assert.deepEqual(stage.complaints, []);
  });

  test("[LIVE-9] every address of the chat leads to the page without a script, of the same room", async () => {
    await using stage = await Stage.set(["--base-path", "/talk/"]);
    for (const [path, room] of [
      ["", "lobby"],
      ["r/a%20quiet%20room", "a quiet room"],
    ] as const) {
      const page = await stage.visit({ path: "about:blank", javaScriptEnabled: false });
      await page.goto(new URL(path, stage.url).href, { waitUntil: "commit" });
      await page.getByRole("heading", { name: room }).waitFor();
      assert.equal(page.url(), new URL(`r/${encodeURIComponent(room)}/live.html`, stage.url).href);
      await write(page, `hello, ${room}`);
      await row(page, `hello, ${room}`).waitFor();
      assert.equal((await stage.history(encodeURIComponent(room))).messages.length, 1);
    }
    assert.deepEqual(stage.complaints, []);
  });

  test("[LIVE-2] after the server was killed, the newest message's link goes on behind it, with nothing lost and nothing twice", async () => {
    await using stage = await Stage.set();
    const page = await visitLive(stage, "r/lobby/live.html");
    await page.getByText("Nothing was said here yet.").waitFor();
    await stage.fill("lobby", ["one", "two", "three"]);
    await row(page, "three").waitFor();
    assert.equal(await page.getByText("Nothing was said here yet.").isVisible(), false);
    await stage.killServer();
    assert.deepEqual(await texts(page), ["one", "two", "three"]);
    await stage.restartServer();
    await stage.fill("lobby", ["four", "five"]);
    await page.locator("article").last().getByRole("link").click({ noWaitAfter: true });
    await row(page, "five").waitFor();
    assert.deepEqual(await texts(page), ["four", "five"]);
    await write(page, "six");
    await row(page, "six").waitFor();
    assert.deepEqual(await texts(page), ["four", "five", "six"]);
    await page.getByRole("link", { name: "Begin earlier" }).click({ noWaitAfter: true });
    await row(page, "one").waitFor();
    await row(page, "six").waitFor();
    assert.deepEqual(await texts(page), ["one", "two", "three", "four", "five", "six"]);
  });

  test("[LIVE-6] a refresh after writing, and a form sent twice, store nothing more", async () => {
    await using stage = await Stage.set();
    const page = await visitLive(stage, "r/lobby/live.html");
    await write(page, "once");
    await row(page, "once").waitFor();
    await page.reload({ waitUntil: "commit" });
    await row(page, "once").waitFor();
    await page.getByRole("textbox", { name: "Message" }).fill("twice clicked");
    await page.getByRole("button", { name: "Send" }).dblclick({ noWaitAfter: true });
    await row(page, "twice clicked").waitFor();
    const { messages } = await stage.history("lobby");
    assert.deepEqual(
      messages.map(({ body }) => (body as { readonly text: string }).text),
      ["once", "twice clicked"],
    );
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`[LIVE-8] in ${colorScheme} the newest message and the form are in sight in every window, while it grows too`, async () => {
      await using stage = await Stage.set();
      const people = ["Ada", "Grace Hopper", "王小明", "Somebody with a very long name indeed"];
      for (let turn = 0; turn < 5; turn++) {
        for (const name of people) {
          const long = `It is ${name}, and this is a longer line, so that it has to wrap somewhere in a narrow window.`;
          await stage.fill(
            "lobby",
            ["Good evening.", long, "See https://example.org/a/rather/long/address?with=parts"],
            name,
          );
        }
      }
      const windows: Readonly<Record<string, VisitOptions>> = {
        desk: { viewport: { width: 1280, height: 800 } },
        phone: {
          viewport: { width: 390, height: 780 },
          hasTouch: true,
          isMobile: true,
          deviceScaleFactor: 2,
        },
        narrow: {
          viewport: { width: 320, height: 560 },
          hasTouch: true,
          isMobile: true,
          deviceScaleFactor: 2,
        },
      };
      for (const [window, options] of Object.entries(windows)) {
        const page = await visitLive(stage, "r/lobby/live.html", { ...options, colorScheme });
        const marker = `Seen in the ${window} window.`;
        await stage.fill("lobby", [marker]);
        await row(page, marker).waitFor();
        await stage.picture(page, `live-${window}-${colorScheme}`);
        const { height = 0, width = 0 } = options.viewport ?? {};
        const newest = await row(page, marker).boundingBox();
        const form = await page.locator("form").boundingBox();
        assert.ok(newest !== null && form !== null);
        assert.ok(newest.y > 0 && newest.y + newest.height <= form.y + 1, "the newest stands above the form");
        assert.ok(form.y + form.height <= height, "the form is in sight");
        assert.ok(form.width <= width && newest.x + newest.width <= width, "nothing reaches out");
        await page.context().close();
      }
      assert.deepEqual(stage.complaints, []);
    });
  }
});
