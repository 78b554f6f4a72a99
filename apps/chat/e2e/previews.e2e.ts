import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { seriousFaults } from "./axe.ts";
import { say } from "./shown-list.ts";
import { Stage } from "./stage.ts";

const PAGE = `<!doctype html><title>On keeping bees</title><meta property="og:site_name" content="The Gardener">
  <meta name="description" content="What a hive needs in the first year, month by month, and what it gives back.">`;

async function pages(t: TestContext): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/bees`;
}

describe("previews of links in the page", () => {
  test("[PREVIEW-5] what a page says of itself stands below the message that links to it, for all, until the link is taken out", async (t) => {
    const link = await pages(t);
    await using stage = await Stage.set(["--link-previews", "127.0.0.1"]);
    const ada = await stage.visit({ name: "Ada" });
    const bob = await stage.visit({ name: "Bob", viewport: { width: 390, height: 780 } });
    await say(ada, `Read this: ${link}`);
    for (const page of [ada, bob]) {
      const card = page.locator(".link-preview");
      await card.waitFor();
      assert.deepEqual(await card.locator("> *").allInnerTexts(), [
        "The Gardener",
        "On keeping bees",
        "What a hive needs in the first year, month by month, and what it gives back.",
      ]);
      assert.equal(await card.getAttribute("href"), link);
      assert.deepEqual(await seriousFaults(page), []);
    }
    await stage.picture(ada, "link-preview");
    await stage.picture(bob, "link-preview-phone");
    const late = await stage.visit({ name: "Cy" });
    await late.locator(".link-preview", { hasText: "On keeping bees" }).waitFor();
    await ada.locator(".message", { hasText: "Read this" }).focus();
    await ada.keyboard.press("e");
    await ada.getByLabel("Message", { exact: true }).fill("Read nothing");
    await ada.keyboard.press("Enter");
    for (const page of [ada, bob, late]) await page.locator(".link-preview").waitFor({ state: "detached" });
    assert.deepEqual(stage.complaints, []);
  });
});
