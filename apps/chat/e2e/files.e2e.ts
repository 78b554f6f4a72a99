import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { describe, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { seriousFaults } from "./axe.ts";
import { seesLast } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const attached = (page: Page): Locator =>
  page.getByRole("list", { name: "Attached files" }).getByRole("listitem");
const field = (page: Page): Locator => page.getByRole("textbox", { name: "Message" });

/** Puts a file into the page as `kind` does: from the clipboard, or held over it and let go. */
async function bring(
  page: Page,
  kind: "paste" | "drop",
  name: string,
  type: string,
  bytes: Buffer,
): Promise<void> {
  await page.evaluate(
    ({ kind, name, type, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, { type }));
      const init = { bubbles: true, cancelable: true };
      const target = document.querySelector("textarea") ?? document.body;
      if (kind === "paste")
        target.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: transfer }));
      else {
        target.dispatchEvent(new DragEvent("dragover", { ...init, dataTransfer: transfer }));
        target.dispatchEvent(new DragEvent("drop", { ...init, dataTransfer: transfer }));
      }
    },
    { kind, name, type, base64: bytes.toString("base64") },
  );
}

/** A picture of one colour. */
function png(width: number, height: number): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const whole = Buffer.alloc(body.length + 8);
    whole.writeUInt32BE(data.length, 0);
    body.copy(whole, 4);
    whole.writeUInt32BE(crc(body), body.length + 4);
    return whole;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const line = Buffer.alloc(1 + width * 3, 0x77);
  line[0] = 0;
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)));
  const start = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([start, chunk("IHDR", head), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** A second of silence, as a WAV file. */
function wav(): Buffer {
  const head = Buffer.from(
    "524946460000000057415645666d74201000000001000100401f0000401f00000100080064617461",
    "hex",
  );
  const [whole, data] = [Buffer.alloc(4), Buffer.alloc(4)];
  data.writeUInt32LE(8_000);
  const file = Buffer.concat([head, data, Buffer.alloc(8_000, 0x80)]);
  whole.writeUInt32LE(file.length - 8);
  whole.copy(file, 4);
  return file;
}

function crc(bytes: Buffer): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

describe("files in the page", () => {
  test("[FILE-45] sound and film are played in their place, and nothing of them is loaded before", async () => {
    await using stage = await Stage.set();
    const ada = await stage.visit({ path: "r/sounds", name: "Ada" });
    const bob = await stage.visit({ path: "r/sounds", name: "Bob" });
    await ada.getByRole("button", { name: "Attach files" }).waitFor();
    await bring(ada, "paste", "silence.wav", "audio/wav", wav());
    await attached(ada).first().and(ada.locator(".is-done")).waitFor();
    const loads: string[] = [];
    bob.on("request", (request) => request.resourceType() === "media" && loads.push(request.url()));
    await field(ada).fill("Listen");
    await field(ada).press("Enter");
    const player = bob.locator("audio");
    await player.waitFor();
    assert.deepEqual(loads, []);
    const seconds = await player.evaluate(async (audio: HTMLAudioElement) => {
      audio.preload = "metadata";
      await new Promise((resolve, reject) => {
        audio.addEventListener("loadedmetadata", resolve);
        audio.addEventListener("error", () => reject(new Error(audio.error?.message)));
        audio.load();
      });
      return audio.duration;
    });
    assert.equal(seconds, 1);
    assert.deepEqual(await seriousFaults(bob), []);
    assert.deepEqual(stage.complaints, []);
  });

  test("[FILE-41] [FILE-42] [FILE-43] what one pastes, drops or picks the other sees in its place, also after a reload, until it is deleted", async () => {
    await using stage = await Stage.set();
    const ada = await stage.visit({ name: "Ada" });
    const bob = await stage.visit({ name: "Bob" });
    await ada.getByRole("button", { name: "Attach files" }).waitFor();
    await bring(ada, "paste", "red.png", "image/png", png(400, 200));
    await bring(ada, "drop", "notes\u202e.txt", "text/plain", Buffer.from("what was said"));
    const [chosen] = await Promise.all([
      ada.waitForEvent("filechooser"),
      ada.getByRole("button", { name: "Attach files" }).click(),
    ]);
    await chosen.setFiles({
      name: "page.html",
      mimeType: "text/html",
      buffer: Buffer.from("<script>1</script>"),
    });
    for (const nth of [0, 1, 2]) await attached(ada).nth(nth).and(ada.locator(".is-done")).waitFor();
    await stage.picture(ada, "files-attached");
    assert.deepEqual(await seriousFaults(ada), []);
    await attached(ada).nth(2).getByRole("button", { name: "Remove page.html" }).click();
    await field(ada).fill("look at this");
    await field(ada).press("Enter");
    await attached(ada).first().waitFor({ state: "detached" });
    await seesLast(bob, "look at this");
    const image = bob.locator(".message .files img");
    await image.waitFor();
    // Its place is there before it is, whatever comes of it.
    assert.deepEqual(
      await image.evaluate((element: HTMLImageElement) => [element.width, element.height, element.alt]),
      [320, 160, "red.png"],
    );
    await bob.waitForFunction(
      () => document.querySelector<HTMLImageElement>(".files img")?.naturalWidth === 400,
    );
    const card = bob.locator(".files .file", { hasText: "0.1 KB" });
    const saved = await fetch(await card.evaluate((link: HTMLAnchorElement) => link.href));
    assert.equal(await saved.text(), "what was said");
    assert.equal(saved.headers.get("content-disposition"), 'attachment; filename="notes.txt"');
    assert.equal(await card.innerText(), "notes.txt 0.1 KB");
    await stage.picture(bob, "files-shown");
    assert.deepEqual(await seriousFaults(bob), []);

    // A message of files alone, which another answers.
    await bring(ada, "paste", "alone.png", "image/png", png(10, 20));
    await attached(ada).first().and(ada.locator(".is-done")).waitFor();
    await field(ada).press("Enter");
    await bob.locator(".files img[alt='alone.png']").waitFor();
    await bob.reload();
    await bob.locator(".files img[alt='alone.png']").waitFor();

    const address = await bob
      .locator(".files img[alt='red.png']")
      .evaluate((each: HTMLImageElement) => each.src);
    assert.equal((await fetch(address)).status, 200);
    const row = ada.locator(".message", { has: ada.locator("img[alt='red.png']") });
    await row.hover();
    await row.getByRole("button", { name: "Delete", exact: true }).click();
    await ada
      .getByRole("group", { name: "Delete this message?" })
      .getByRole("button", { name: "Delete" })
      .click();
    await bob.locator(".files img[alt='red.png']").waitFor({ state: "detached" });
    assert.equal((await fetch(address)).status, 404);
    assert.deepEqual(stage.complaints, []);
  });

  test("[FILE-44] an upload goes on by itself when the server comes back from the dead; what is refused says why, and can be tried again or left", async () => {
    await using stage = await Stage.set(["--max-file-bytes", "3000000"], { expected: /status of 413/ });
    const ada = await stage.visit({ name: "Ada" });
    await ada.getByRole("button", { name: "Attach files" }).waitFor();
    await bring(ada, "drop", "large.bin", "", Buffer.alloc(3_000_001));
    await attached(ada).getByText("at most 2.9 MiB are taken").waitFor();
    await attached(ada).getByRole("button", { name: "Try again" }).click();
    await attached(ada).getByText("at most 2.9 MiB are taken").waitFor();
    await attached(ada).getByRole("button", { name: "Remove large.bin" }).click();
    await attached(ada).first().waitFor({ state: "detached" });

    await stage.killServer();
    await bring(ada, "drop", "late.bin", "", Buffer.alloc(2_500_000, "late"));
    await attached(ada).getByText("waits for the server").waitFor();
    await field(ada).fill("it came");
    assert.ok(await ada.getByRole("button", { name: "Send" }).isDisabled());
    await stage.restartServer();
    await attached(ada).first().and(ada.locator(".is-done")).waitFor();
    await field(ada).press("Enter");
    await ada.locator(".message[data-offset] .file", { hasText: "late.bin 2.5 MB" }).waitFor();
    assert.deepEqual(stage.complaints, []);
  });
});
