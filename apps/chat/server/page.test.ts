import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { createPages } from "./page.ts";
import { LASTING_LINE } from "./tutorial-pages.ts";

const tutorial = fileURLToPath(new URL("pages", import.meta.resolve("@parlor/tutorial/package.json")));
const INLINE = "document.title = 'x';";
const INDEX = `<!doctype html><html><head><base href="%BASE%"><script>${INLINE}</script><script type="module" src="%BASE%app-3FKZ7QPL.js"></script></head></html>`;

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe("the pages", () => {
  let folder = "";
  const servers: { basePath: string; port: number; close: () => void }[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "parlor-pages-"));
    mkdirSync(join(folder, "chat", "fonts"), { recursive: true });
    writeFileSync(join(folder, "chat", "index.html"), INDEX);
    writeFileSync(join(folder, "chat", "app-3FKZ7QPL.js"), `export const filler = "${"x".repeat(2000)}";\n`);
    writeFileSync(join(folder, "chat", "live-connection.js"), "export {};\n");
    writeFileSync(join(folder, "chat", "fonts", "text.woff2"), Buffer.alloc(2000));
    writeFileSync(join(folder, "chat", "notes.test.ts"), "secret\n");
    writeFileSync(join(folder, "chat", ".env"), "secret\n");
    writeFileSync(join(folder, "outside.js"), "secret\n");
    for (const [basePath, chat] of [
      ["/", "chat"],
      ["/deep/base/", "chat"],
      ["/unbuilt/", "nowhere"],
    ] as const) {
      const server = createServer(createPages(basePath, { chat: join(folder, chat), tutorial }));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      servers.push({ basePath, port: (server.address() as AddressInfo).port, close: () => server.close() });
    }
  });

  after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function ask(
    path: string,
    headers: Record<string, string> = {},
    method = "GET",
    basePath = "/",
  ): Promise<Answer> {
    const port = servers.find((server) => server.basePath === basePath)?.port;
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { port, host: "127.0.0.1", path, method, headers, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
          );
        },
      );
      request.on("error", reject);
      request.end(method === "POST" ? "x".repeat(1000) : undefined);
    });
  }

  test("[SITE-1] the chat page is served at the base and at every room's address, with the base filled in", async () => {
    for (const path of ["/", "/?x=1", "/index.html", "/r/lobby", "/r/%ff%2e%2e", "/r/a/b", "/r/"]) {
      const { status, body } = await ask(path);
      assert.equal(status, 200, path);
      assert.ok(body.includes('<base href="/">'), path);
    }
    for (const path of ["/deep/base/", "/deep/base/r/lobby"]) {
      const { status, body } = await ask(path, {}, "GET", "/deep/base/");
      assert.equal(status, 200, path);
      assert.ok(body.includes('src="/deep/base/app-3FKZ7QPL.js"'), path);
    }
    const moved = await ask("/deep/base", {}, "GET", "/deep/base/");
    assert.deepEqual([moved.status, moved.headers.location], [308, "/deep/base/"]);
    assert.equal((await ask("/", {}, "GET", "/deep/base/")).status, 404);
  });

  test("[SITE-2] a page runs only its own files and its own inline scripts, named by their hashes", async () => {
    const { headers } = await ask("/");
    const policy = new Map(
      String(headers["content-security-policy"])
        .split("; ")
        .map((directive) => [directive.split(" ")[0], directive.split(" ").slice(1).join(" ")]),
    );
    const hash = createHash("sha256").update(INLINE).digest("base64");
    assert.deepEqual(Object.fromEntries(policy), {
      "default-src": "'none'",
      "script-src": `'self' 'sha256-${hash}'`,
      "style-src": "'self'",
      "img-src": "'self' data:",
      "media-src": "'self'",
      "connect-src": "'self' ws: wss:",
      "font-src": "'self'",
      "manifest-src": "'self'",
      "base-uri": "'self'",
      "form-action": "'self'",
      "frame-ancestors": "'none'",
      "require-trusted-types-for": "'script'",
    });
    const without = await ask("/tutorial");
    assert.match(String(without.headers["content-security-policy"]), /base-uri 'none'/);
  });

  test("[SITE-2] every answer forbids guessing of types and tells other sites nothing", async () => {
    for (const path of ["/", "/app-3FKZ7QPL.js", "/nowhere", "/tutorial", "/tutorial/chat.html"]) {
      const { headers } = await ask(path, { accept: "text/html" });
      assert.equal(headers["x-content-type-options"], "nosniff", path);
      assert.equal(headers["referrer-policy"], "same-origin", path);
      assert.equal(headers["cross-origin-opener-policy"], "same-origin", path);
      assert.doesNotMatch(String(headers["content-security-policy"]), /unsafe/, path);
    }
  });

  test("[SITE-3] what has a hash in its name is kept for ever, all else is asked for again", async () => {
    const cacheOf = async (path: string): Promise<unknown> => (await ask(path)).headers["cache-control"];
    assert.equal(await cacheOf("/app-3FKZ7QPL.js"), "public, max-age=31536000, immutable");
    for (const path of [
      "/",
      "/r/lobby",
      "/live-connection.js",
      "/fonts/text.woff2",
      "/tutorial",
      "/tutorial/watch.js",
    ]) {
      assert.equal(await cacheOf(path), "no-cache", path);
    }
  });

  test("[SITE-3] who has the newest already gets 304, and HEAD gets the head alone", async () => {
    const first = await ask("/");
    const etag = String(first.headers.etag);
    const again = await ask("/", { "if-none-match": `"other", ${etag}` });
    assert.deepEqual([again.status, again.body.length], [304, 0]);
    assert.equal((await ask("/", { "if-none-match": '"other"' })).status, 200);
    const head = await ask("/", {}, "HEAD");
    assert.deepEqual([head.status, head.body.length], [200, 0]);
    assert.equal(head.headers["content-length"], String(first.body.length));
  });

  test("[SITE-3] text is packed for those who take it, and pictures and fonts are not", async () => {
    const plain = await ask("/app-3FKZ7QPL.js");
    const packed = await ask("/app-3FKZ7QPL.js", { "accept-encoding": "br, gzip" });
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.equal(packed.headers.vary, "Accept-Encoding");
    assert.deepEqual(gunzipSync(packed.body), plain.body);
    assert.ok(packed.body.length < plain.body.length);
    for (const encoding of ["gzip;q=0", "br", "xgzip", "identity"]) {
      const answer = await ask("/app-3FKZ7QPL.js", { "accept-encoding": encoding });
      assert.equal(answer.headers["content-encoding"], undefined, encoding);
    }
    const font = await ask("/fonts/text.woff2", { "accept-encoding": "gzip" });
    assert.deepEqual(
      [font.headers["content-type"], font.headers["content-encoding"]],
      ["font/woff2", undefined],
    );
  });

  test("[SITE-4] an unknown address is a kind page for browsers and words in JSON for programs", async () => {
    const page = await ask("/nowhere", { accept: "text/html,*/*" });
    assert.equal(page.status, 404);
    assert.match(page.body.toString(), /There is no page at this address/);
    assert.match(String(page.headers["content-security-policy"]), /script-src 'none'/);
    const json = await ask("/nowhere");
    assert.equal(json.status, 404);
    assert.deepEqual(JSON.parse(json.body.toString()), {
      error: { code: "unknown-frame", message: "There is nothing at this address." },
    });
  });

  test("[SITE-4] no address leads out of the folder, to sources or to hidden files", async () => {
    const paths = [
      "/../outside.js",
      "/%2e%2e/outside.js",
      "/..%2foutside.js",
      "/fonts/../../outside.js",
      "//outside.js",
      "/notes.test.ts",
      "/.env",
      "/fonts",
      "/tutorial/../outside.js",
      "/tutorial/counting.test.ts",
      "/constructor",
      "/__proto__",
      "/%",
      "/%ff",
      "/r",
    ];
    for (const path of paths) assert.equal((await ask(path)).status, 404, path);
  });

  test("[SITE-4] pages are for reading: any other method is 405 in words, and its body is not waited for", async () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"]) {
      const { status, headers } = await ask("/", {}, method);
      assert.equal(status, 405, method);
      assert.equal(headers.allow, "GET, HEAD", method);
      assert.equal(headers.connection, "close", method);
    }
  });

  test("[SITE-4] odd ranges and conditions are answered with the whole file", async () => {
    for (const range of ["bytes=5-2", "bytes=-1", "bytes=99999999-", "lines=1", "bytes=abc"]) {
      assert.equal((await ask("/app-3FKZ7QPL.js", { range })).status, 200, range);
    }
  });

  test("[SITE-5] without a built chat page a page says so, and the tutorial is there all the same", async () => {
    const { status, body } = await ask("/unbuilt/r/lobby", {}, "GET", "/unbuilt/");
    assert.equal(status, 200);
    assert.match(body.toString(), /<code>npm start<\/code> builds it/);
    assert.match(body.toString(), /href="\/unbuilt\/tutorial"/);
    assert.equal((await ask("/unbuilt/tutorial", {}, "GET", "/unbuilt/")).status, 200);
  });

  test("[TUTOR-3] the frame runs chat.html byte for byte, behind one script that watches", async () => {
    const file = readFileSync(join(tutorial, "chat.html"), "utf8");
    const alone = (await ask("/tutorial/chat.html")).body.toString();
    const watched = (await ask("/tutorial/watched.html")).body.toString();
    assert.equal(alone, file);
    const line = '<script src="watch.js"></script>\n';
    assert.equal(watched.split(line).length, 2);
    assert.equal(watched.replace(line, ""), file);
  });

  test("[TUTOR-11] the last step's page differs from chat.html in one line, which is the one that the lesson shows", async () => {
    const file = readFileSync(join(tutorial, "chat.html"), "utf8").split("\n");
    const lasting = (await ask("/tutorial/lasting.html")).body.toString().split("\n");
    assert.equal(lasting.length, file.length);
    const changed = lasting.filter((line, index) => line !== file[index]);
    assert.deepEqual(changed, [LASTING_LINE]);
    const lesson = (await ask("/tutorial")).body.toString();
    assert.ok(lesson.includes(LASTING_LINE.replaceAll("<", "&lt;").replaceAll(">", "&gt;")));
  });

  test("[TUTOR-3] the icon that browsers ask for unasked is there", async () => {
    assert.equal((await ask("/favicon.ico")).headers["content-type"], "image/svg+xml; charset=utf-8");
  });

  test("[TUTOR-3] chat.html may be framed by its own server alone, and runs no script but its own", async () => {
    const alone = String((await ask("/tutorial/chat.html")).headers["content-security-policy"]);
    assert.match(alone, /script-src 'sha256-[^ ]+';/);
    assert.match(alone, /frame-ancestors 'self'/);
    const watched = String((await ask("/tutorial/watched.html")).headers["content-security-policy"]);
    assert.match(watched, /script-src 'self' 'sha256-[^ ]+';/);
  });
});
