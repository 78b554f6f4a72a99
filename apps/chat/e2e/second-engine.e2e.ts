import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorProcess, temporaryFolder } from "../server/test/parlor-process.ts";
import { AXE, seriousIn, type Violation } from "./axe.ts";
import { Firefox } from "./firefox.ts";

const ENTER = "\uE007";
const CONTROL = "\uE009";
const F6 = "\uE036";
const TAB = "\uE004";
const DOWN = "\uE015";

const TEXTS = `[...document.querySelectorAll(".message[data-offset] .text")].map((row) => row.textContent).join("|")`;
const ROOM = `document.querySelector("h1")?.textContent`;
const COUNT = `[...document.querySelectorAll(".badge-count")].map((badge) => badge.textContent).join()`;
const PEOPLE = `document.querySelectorAll(".people-number")[0]?.textContent`;
const FOCUS = `document.activeElement.className.split(" ")[0]`;
const PART = `["main", "footer"].find((part) => document.activeElement.closest(part) !== null) ?? "none"`;
const SIGN = `document.querySelector(".dot")?.className`;

describe("Firefox", () => {
  test("[A11Y-4] [LIST-1] two people talk, change rooms by keyboard, see what is unread, the Tab key passes the links of the list, and axe finds nothing serious", async () => {
    using data = temporaryFolder();
    const args = ["--port", "0", "--data", data.path];
    await using server = new ParlorProcess({ args });
    const url = await server.url;
    await using firefox = await Firefox.launch();
    const [ada, bob] = [await firefox.visit(url), await firefox.visit(url)];
    for (const page of [ada, bob]) await page.says(SIGN, "dot is-live");
    await ada.text(`document.getElementById("composer-text").focus()`);
    await ada.press(`hello${ENTER}`);
    for (const page of [ada, bob]) await page.says(TEXTS, "hello");
    await bob.says(PEOPLE, "2");
    await bob.press("k", CONTROL);
    await bob.press(`garden${ENTER}`);
    await bob.says(ROOM, "garden");
    await ada.press(`anybody?${ENTER}`);
    await bob.says(COUNT, "1");
    await bob.text(`history.back()`);
    await bob.says(TEXTS, "hello|anybody?");
    await bob.says(COUNT, "");
    await bob.text(`document.getElementById("composer-text").focus()`);
    await bob.press(F6);
    await bob.says(FOCUS, "panel");
    await bob.text(`document.getElementById("composer-text").focus()`);
    await bob.press(`https://example.org/${ENTER}`);
    await ada.says(TEXTS, "hello|anybody?|https://example.org/");
    await ada.text(`document.querySelector("[role=log]").focus()`);
    // What walks the list is there once it did.
    await ada.press(DOWN);
    await ada.says(FOCUS, "message");
    await ada.text(`document.querySelector("[role=log]").focus()`);
    await ada.press(TAB);
    await ada.says(PART, "footer");
    await ada.run(AXE);
    const violations = await ada.text(`axe.run().then(({ violations }) => JSON.stringify(violations))`);
    assert.deepEqual(seriousIn(JSON.parse(violations) as Violation[]), []);
  });
});
