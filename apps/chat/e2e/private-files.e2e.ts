import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import type { LinkShown } from "@parlor/moderation";
import { until } from "@parlor/testkit";
import type { Page } from "playwright-core";
import { seriousFaults } from "./axe.ts";
import { recordedFilm } from "./recorded-film.ts";
import { Stage } from "./stage.ts";

const [OWNER, READER] = [randomBytes(24).toString("base64url"), randomBytes(24).toString("base64url")];
const ROOM = "library";

/** A picture of 300 by 200 pixels, made by the browser. */
function drawn(page: Page): Promise<Buffer> {
  return page
    .evaluate(() => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 300, height: 200 });
      canvas.getContext("2d")?.fillRect(50, 50, 200, 100);
      return canvas.toDataURL("image/png").split(",")[1] ?? "";
    })
    .then((text) => Buffer.from(text, "base64"));
}

async function attach(page: Page, name: string, mimeType: string, buffer: Buffer): Promise<void> {
  const [chosen] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Attach files" }).click(),
  ]);
  await chosen.setFiles({ name, mimeType, buffer });
  const listed = page.getByRole("list", { name: "Attached files" }).getByRole("listitem");
  await listed.filter({ hasText: name }).and(page.locator(".is-done")).waitFor();
}

function picture(page: Page) {
  return page.locator(".message .files img");
}

/** Fulfils once the picture is there; else it says what the page shows in its place. */
async function isDrawn(page: Page): Promise<void> {
  try {
    await page.waitForFunction(
      () => document.querySelector<HTMLImageElement>(".files img")?.naturalWidth === 300,
    );
  } catch (cause) {
    const shown = await page.locator("body").innerText();
    throw new Error(`no picture at ${page.url()}, which shows: ${shown}`, { cause });
  }
}

describe("files of a room with a door", () => {
  let stage: Stage;
  let owner: ParlorClient;
  let reader: ParlorClient;
  let link: LinkShown;
  let bob: Page;
  const asked: { readonly url: string; readonly status: number; readonly range: string | undefined }[] = [];

  before(async () => {
    stage = await Stage.set([], { expected: /ERR_INTERNET_DISCONNECTED|status of 403/ });
    owner = new ParlorClient(stage.url, { key: OWNER });
    reader = new ParlorClient(stage.url, { key: READER });
    await owner.request("moderation.claim", { room: ROOM });
    const act = (id: string, what: object): Promise<{ link?: LinkShown }> =>
      owner.request("moderation.act", { room: ROOM, id, act: what });
    await act("door-of-library", { kind: "mode", mode: "link-only" });
    link = (await act("link-of-library", { kind: "link", right: "reader", forMs: null })).link as LinkShown;
    await reader.request("moderation.accept", { link: link.token });
    const ada = await stage.visit({ path: `r/${ROOM}`, name: "Ada", key: OWNER });
    await ada.getByRole("button", { name: "Attach files" }).waitFor();
    await attach(ada, "plan.png", "image/png", await drawn(ada));
    await attach(ada, "walk.webm", "video/webm", await recordedFilm(ada));
    await ada.getByLabel("Message", { exact: true }).fill("For readers");
    await ada.keyboard.press("Enter");
    await isDrawn(ada);
    await ada.context().close();
    bob = await stage.visit({ name: "Bob", key: READER, path: "r/lobby", serviceWorkers: "allow" });
    bob.on("response", (response) => {
      const range = response.request().headers()["range"];
      asked.push({ url: response.url(), status: response.status(), range });
    });
    await bob.goto(new URL(`r/${ROOM}`, stage.url).href);
  });
  after(async () => {
    owner.close();
    reader.close();
    await stage[Symbol.asyncDispose]();
  });

  test("[FILE-46] a reader sees its pictures, with no key in any address, and nobody gets them without the pass", async () => {
    await isDrawn(bob);
    await stage.picture(bob, "files-private");
    assert.deepEqual(await seriousFaults(bob), []);
    const src = await picture(bob).evaluate((image: HTMLImageElement) => image.src);
    assert.equal((await fetch(src)).status, 200);
    assert.equal((await fetch(src.replace(/&pass=.*/, ""))).status, 403);
    assert.equal(await bob.locator(".files .file-image").evaluate((a: HTMLAnchorElement) => a.href), src);
    assert.deepEqual(
      asked.filter(({ url }) => url.includes(READER)),
      [],
    );
    assert.deepEqual(
      asked.filter(({ status }) => status >= 400),
      [],
    );
  });

  test("[FILE-45] [FILE-46] a film is played in its place, by ranges, and nothing of it is loaded before", async () => {
    const films = () => asked.filter(({ url }) => url.includes("walk.webm"));
    assert.deepEqual(films(), []);
    const film = await bob.locator(".files video").evaluate(async (video: HTMLVideoElement) => {
      const before = [video.clientWidth, video.clientHeight];
      video.muted = true;
      const moved = new Promise((resolve) =>
        video.addEventListener("timeupdate", () => video.currentTime > 0.2 && resolve(null)),
      );
      await video.play();
      await moved;
      video.pause();
      const after = [video.clientWidth, video.clientHeight];
      return { size: [video.videoWidth, video.videoHeight], before, after };
    });
    assert.deepEqual(film.size, [160, 120]);
    assert.deepEqual(film.after, film.before);
    assert.ok(films().length > 0);
    for (const { status, range } of films()) assert.deepEqual([status, range?.slice(0, 6)], [206, "bytes="]);
  });

  test("[FILE-46] what was shown is there with no network", async () => {
    await bob.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
    const isKept = (): Promise<boolean> =>
      bob.evaluate(async () => {
        const open = indexedDB.open("parlor.rooms");
        await new Promise((resolve) => open.addEventListener("success", resolve));
        const all = open.result.transaction("rooms").objectStore("rooms").getAll();
        await new Promise((resolve) => all.addEventListener("success", resolve));
        open.result.close();
        return JSON.stringify(all.result).includes("For readers");
      });
    assert.ok(await until(isKept, 20_000));
    await bob.context().setOffline(true);
    await bob.reload();
    await bob.getByText("For readers").waitFor();
    await isDrawn(bob);
    await bob.context().setOffline(false);
  });

  test("[FILE-46] a page whose pass the server does not take any more asks for another, once", async () => {
    // As for a page that was open for hours: what it kept says that it holds, and the server does not think so.
    await bob.evaluate(() => {
      const kept = JSON.parse(localStorage.getItem("parlor.file-passes") ?? "{}") as {
        passes: Record<string, { text: string }>;
      };
      for (const pass of Object.values(kept.passes)) pass.text = pass.text.replace(/[^.]*$/, "0".repeat(43));
      localStorage.setItem("parlor.file-passes", JSON.stringify(kept));
    });
    asked.length = 0;
    await bob.reload();
    await isDrawn(bob);
    const pictures = asked.filter(({ url }) => url.includes("plan.png"));
    assert.deepEqual(
      pictures.map(({ status }) => status),
      [403, 200],
    );
    // Whose right is taken back has pictures no more, whatever pass they hold.
    await owner.request("moderation.act", {
      room: ROOM,
      id: "link-taken-back",
      act: { kind: "revoke", link: link.id },
    });
    assert.ok(await until(async () => (await fetch(pictures[1]?.url ?? "")).status === 403, 20_000));
    assert.deepEqual(stage.complaints, []);
  });
});
