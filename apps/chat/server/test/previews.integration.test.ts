import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { ParlorClient, type Message } from "@parlor/client";
import { until } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

/** A site with one page for each path, and a page that is slow until it is let go. */
async function site(t: TestContext): Promise<{ url: string; asked: string[]; letGo: () => void }> {
  const asked: string[] = [];
  const gate = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const answer = (): void =>
      void response
        .writeHead(200, { "content-type": "text/html" })
        .end(`<title>Page ${request.url ?? ""}</title><meta name=description content="What it is about">`);
    if (request.url === "/slow") void gate.promise.then(answer);
    else answer();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, letGo: gate.resolve };
}

function start(t: TestContext, data: string, ...more: string[]): ParlorProcess {
  const args = ["--port", "0", "--publish-per-second", "Infinity", "--data", data, ...more];
  const server = new ParlorProcess({ args });
  t.after(() => server[Symbol.asyncDispose]());
  return server;
}

async function messagesOf(url: string): Promise<readonly Message[]> {
  const response = await fetch(`${url}rooms/lobby/messages?limit=500`);
  return ((await response.json()) as { messages: readonly Message[] }).messages;
}

/** The previews of the lobby, by what they are about. */
async function previewsOf(url: string): Promise<[number | undefined, unknown][]> {
  const entries = (await messagesOf(url)).filter(({ re }) => re !== undefined);
  return entries.filter(({ from }) => from === "@server").map(({ re, body }) => [re, body]);
}

describe("previews of links", () => {
  test("[PREVIEW-1] [PREVIEW-4] [PREVIEW-6] each message with a link has one, once, wherever the server is killed, and it is erased with its message", async (t) => {
    const { url: pages, asked, letGo } = await site(t);
    using data = temporaryFolder();
    const flags = ["--link-previews", "127.0.0.1"];
    let server = start(t, data.path, ...flags);
    let url = await server.url;
    let client = new ParlorClient(url, { key: "key-of-ada-who-links-to-pages" });
    const say = async (text: string): Promise<number> =>
      (await client.room("lobby").publish({ text, name: "Ada" })).offset ?? 0;
    const first = await say(`Look: ${pages}/one, and ${pages}/two`);
    await say("no link at all");
    await say("http://localhost:1/ is not among the hosts");
    assert.ok(await until(async () => (await previewsOf(url)).length === 1, 20_000));
    const preview = { url: `${pages}/one`, title: "Page /one", description: "What it is about" };
    assert.deepEqual(await previewsOf(url), [[first, { preview }]]);
    assert.match(await (await fetch(`${url}metrics`)).text(), /^parlor_previews_total\{result="made"\} 1$/m);

    // Killed while it waits for a page, it asks for it again, and what was said is not said twice.
    const slow = await say(`${pages}/slow`);
    assert.ok(await until(() => asked.includes("/slow"), 20_000));
    server.kill("SIGKILL");
    await server.end();
    client.close();
    letGo();
    server = start(t, data.path, ...flags);
    url = await server.url;
    client = new ParlorClient(url, { key: "key-of-ada-who-links-to-pages" });
    assert.ok(await until(async () => (await previewsOf(url)).length === 2, 20_000));
    assert.deepEqual(
      (await previewsOf(url)).map(([re]) => re),
      [first, slow],
    );
    assert.deepEqual(asked, ["/one", "/slow", "/slow"]);

    await client.room("lobby").publish({ delete: true }, { re: first });
    const isErased = async (): Promise<boolean> => {
      const [entry] = (await messagesOf(url)).filter(({ re, from }) => re === first && from === "@server");
      return entry?.redacted === true;
    };
    assert.ok(await until(isErased, 20_000));
    client.close();
  });

  test("[PREVIEW-1] unless somebody wants them no page is asked for", async (t) => {
    const { url: pages, asked } = await site(t);
    using data = temporaryFolder();
    const url = await start(t, data.path).url;
    const client = new ParlorClient(url);
    await client.room("lobby").publish({ text: `${pages}/one`, name: "Ada" });
    assert.ok(!/previews/.test(await (await fetch(`${url}metrics`)).text()));
    assert.deepEqual(asked, []);
    client.close();
  });
});
