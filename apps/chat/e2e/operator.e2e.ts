import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { until } from "@parlor/testkit";
import type { Page } from "playwright-core";
import { animationsOver } from "./animations.ts";
import { addressOf } from "./address.ts";
import { seriousFaults } from "./axe.ts";
import { say, seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const KEY = "the-key-of-this-test's-operator";
const PATIENCE_MS = 20_000;

/** Refusals that are meant, and figures that are asked for while there is no server. */
const EXPECTED = /status of (401|403|503)/;

async function open(stage: Stage, hash = ""): Promise<Page> {
  const page = await stage.visit({ path: `operator${hash}`, viewport: { width: 1280, height: 800 } });
  await page.getByLabel("Operator's key").fill(KEY);
  await page.keyboard.press("Enter");
  await page.getByRole("navigation").waitFor();
  return page;
}

const identityOf = (key: string): string => createHash("sha256").update(key).digest("base64url").slice(0, 22);

async function hasNoFault(page: Page, state: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await animationsOver(page);
    assert.deepEqual(await seriousFaults(page), [], `${state}, ${colorScheme}`);
  }
}

describe("the operator's page", () => {
  test("[OPERATOR-5] shows rooms, people and connections, exports and deletes, by keys alone and without a fault of axe", async () => {
    await using stage = await Stage.set(["--operator-key", KEY], { expected: EXPECTED });
    await stage.fill("garden", ["The tomatoes are out"]);
    await stage.fill("night train", ["Berlin at six", "Who else is on it?"]);
    const door = await stage.visit({ path: "operator" });
    await door.getByLabel("Operator's key").fill("a guess");
    await door.keyboard.press("Enter");
    await door.getByText("That is not this server's operator key.").waitFor();
    await door.getByLabel("Operator's key").fill("another-guess");
    await door.keyboard.press("Enter");
    await door.getByText("That is not this server's operator key.").waitFor();
    await hasNoFault(door, "the door");
    const policy = (await fetch(new URL("operator", stage.url))).headers.get("content-security-policy") ?? "";
    assert.match(policy, /require-trusted-types-for 'script'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:|wss?:/);

    const page = await open(stage);
    await page.locator(".chart", { hasText: "Connections" }).waitFor();
    await page.getByRole("row", { name: /the only one ready/ }).waitFor();
    await hasNoFault(page, "the overview");
    assert.doesNotMatch((await addressOf(page)).href, /key-of-this-test/);

    await page.getByRole("link", { name: "Rooms", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("row").filter({ hasText: "garden" }).waitFor();
    await page.getByLabel("Find a room").fill("TRAIN");
    await page.getByRole("row").filter({ hasText: "garden" }).waitFor({ state: "detached" });
    await hasNoFault(page, "the rooms");
    await page.getByRole("link", { name: "night train" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Export" }).waitFor();
    await page.getByText("Who else is on it?").waitFor();
    await hasNoFault(page, "a room");

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "night train.jsonl");
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { body: { text: string } }).body.text),
      ["Berlin at six", "Who else is on it?"],
    );

    await page.getByRole("link", { name: "People", exact: true }).click();
    const found = page.locator(".found li");
    await page.getByLabel("Identity, tag or name").fill("grACe");
    await page.keyboard.press("Enter");
    await page.getByText("2 people, among 3 messages.").waitFor();
    const tag = (await found.nth(0).locator(".tag").textContent()) ?? "";
    await page.getByLabel("Identity, tag or name").fill(tag);
    await page.keyboard.press("Enter");
    await page.getByText("1 person, among 3 messages.").waitFor();
    await hasNoFault(page, "people that were found");
    await stage.picture(page, "operator-found");
    await found.getByRole("link").click();
    await page.getByText(/\d of their messages, among 3 in 2 rooms\./).waitFor();
    await page.goBack();
    await found.waitFor();
    await page.getByRole("link", { name: "Rooms", exact: true }).click();
    await page.getByRole("link", { name: "night train" }).click();
    await page.getByText("Who else is on it?").waitFor();

    await page.getByRole("button", { name: "Delete…" }).click();
    const sure = page.getByRole("button", { name: "Delete the room" });
    await page.getByLabel("Type the room's name").fill("night");
    assert.ok(await sure.isDisabled());
    await hasNoFault(page, "what is asked before a deletion");
    await page.getByLabel("Type the room's name").fill("night train");
    await page.keyboard.press("Enter");
    await page.getByText("done: nothing of it is left on the disk").waitFor();
    assert.equal((await stage.history("night%20train")).messages.length, 0);
    assert.equal((await stage.history("garden")).messages.length, 1);

    const cut = new ParlorClient(stage.url);
    await cut.room("garden").publish({ text: "I am here" });
    await page.getByRole("link", { name: "Connections" }).click();
    const own = page.getByRole("row").filter({ hasText: cut.identity ?? "" });
    await own.filter({ hasText: "websocket" }).getByRole("button", { name: "End…" }).click();
    await page.getByRole("button", { name: "End it" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await hasNoFault(page, "the connections");
    await cut.room("garden").publish({ text: "I was cut, and am here" });
    cut.close();
    const ada = await stage.visit({ path: "r/garden", name: "Ada" });
    await seesLast(ada, "I am here", "I was cut, and am here");
    await page.getByRole("link", { name: "Moderation" }).click();
    const adaIs = await ada.evaluate(() => localStorage.getItem("parlor.key"));
    assert.ok(adaIs !== null);
    await page.getByLabel("Identity, or a range").fill(identityOf(adaIs));
    await page.getByRole("button", { name: "Ban", exact: true }).click();
    await page.getByRole("row").filter({ hasText: "all rooms" }).waitFor();
    await hasNoFault(page, "moderation");
    const headers = { authorization: `Bearer ${adaIs}`, "content-type": "application/json" };
    const write = (): Promise<Response> =>
      fetch(new URL("rooms/garden/messages", stage.url), {
        method: "POST",
        headers,
        body: `{"text":"And now?"}`,
      });
    assert.equal((await write()).status, 403);
    await page.getByRole("button", { name: "Lift" }).click();
    await page.getByText("Nobody is kept out or silent.").waitFor();
    assert.equal((await write()).status, 201);
    await page.getByRole("link", { name: "Log" }).click();
    await page.getByText("End a connection of").waitFor();
    await hasNoFault(page, "the log");

    await page.getByRole("button", { name: "Leave" }).click();
    await page.reload();
    await page.getByLabel("Operator's key").waitFor();
    assert.deepEqual(stage.complaints, []);
  });

  test("[OPERATOR-6] erases all that one person wrote, in messages and files, also where the server is killed in the middle", async () => {
    await using stage = await Stage.set(["--operator-key", KEY], { expected: EXPECTED });
    const key = "mallory-has-a-key-of-her-own";
    const mallory = new ParlorClient(stage.url, { key });
    const texts = Array.from({ length: 60 }, (_, i) => `unwanted ${i}`);
    await Promise.all(
      ["a", "lobby"].flatMap((room) => texts.map((text) => mallory.room(room).publish({ text }))),
    );
    const { identity } = mallory;
    assert.ok(identity !== null);
    mallory.close();
    const hers = await stage.visit({ path: "r/a", name: "Mallory", key });
    const file = { name: "unwanted.txt", mimeType: "text/plain", buffer: Buffer.from("unwanted, too") };
    const [chosen] = await Promise.all([
      hers.waitForEvent("filechooser"),
      hers.getByRole("button", { name: "Attach files" }).click(),
    ]);
    await chosen.setFiles(file);
    await hers.getByRole("list", { name: "Attached files" }).locator(".is-done").waitFor();
    await say(hers, "with a file");
    let hash: string | undefined;
    const fileOf = async (): Promise<Response> => {
      const { messages } = await stage.history("a");
      hash ??= messages.flatMap(({ body }) => (body as { files?: { hash: string }[] } | null)?.files ?? [])[0]
        ?.hash;
      return await fetch(new URL(`rooms/a/files/${hash}`, stage.url));
    };
    assert.ok(await until(async () => (await (await fileOf()).text()) === "unwanted, too", PATIENCE_MS));
    await hers.context().close();
    await stage.fill("lobby", ["Kept"]);
    const reader = await stage.visit();
    await seesLast(reader, "Kept");

    const page = await open(stage, `#people/${identity}`);
    await page.getByText("121 of their messages").waitFor();
    await page.getByRole("button", { name: "Erase everything…" }).click();
    await page.getByLabel("Type the first four characters").fill(identity.slice(0, 4));
    await page.keyboard.press("Enter");
    const wasErased = async (room: string): Promise<number> => {
      const { messages } = await stage.history(room);
      return messages.filter(({ redacted }) => redacted === true).length;
    };
    assert.ok(await until(async () => (await wasErased("a")) > 0, PATIENCE_MS));
    await stage.killServer();
    await stage.restartServer();
    await page.locator('.job[data-state="done"]').waitFor();
    assert.deepEqual([await wasErased("a"), await wasErased("lobby")], [61, 60]);
    assert.equal((await fileOf()).status, 404);
    const { messages } = await stage.history("lobby");
    const left = messages
      .filter(({ from }) => from !== identity)
      .map(({ body }) => (body as { text: string }).text);
    assert.ok(left.includes("Kept"));
    assert.ok(left.every((text) => !text.includes("unwanted")));
    await page.getByRole("link", { name: "Log" }).click();
    await page.getByText("Erased: 121 messages in 2 rooms").waitFor();
    await reader.locator(".act").getByText("The operator erased the messages of").waitFor();
    assert.deepEqual(stage.complaints, []);
  });
});
