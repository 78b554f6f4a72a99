import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { fetchPage } from "./fetch-page.ts";
import { allowsPage, readPreviewHosts, type PreviewHosts } from "./preview-hosts.ts";
import { isPublicAddress } from "./public-address.ts";
import { readPreview } from "./read-preview.ts";

const LOOPBACK: PreviewHosts = { kind: "named", names: ["127.0.0.1"] };

async function site(t: TestContext, answer: RequestListener): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

const html: RequestListener = (_, response) =>
  void response.writeHead(200, { "content-type": "text/html" }).end("<title>A page</title>");

describe("what is looked at for a preview", () => {
  test("[PREVIEW-2] is of the public network, or of a host that was named: never of one's own, however it is written (B61)", async (t) => {
    const own = [
      ...["127.0.0.1", "10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "100.100.0.1", "0.0.0.0"],
      ...["224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fd00::1", "ff02::1", "::ffff:8.8.8.8"],
      ...["2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1", "2001::1", "nonsense", ""],
    ];
    for (const address of own) assert.equal(isPublicAddress(address), false, address);
    for (const address of ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450::1"])
      assert.equal(isPublicAddress(address), true, address);

    const { port, asked } = await site(t, html);
    const hosts: PreviewHosts = { kind: "public" };
    for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]) {
      assert.equal(await fetchPage(new URL(`http://${host}:${port}/`), hosts), null, host);
      // On the ports that pages have the address alone decides.
      assert.equal(await fetchPage(new URL(`http://${host}:${port}/`), hosts, () => true), null, host);
    }
    assert.deepEqual(asked, []);
    assert.equal(allowsPage(hosts, new URL("https://example.org/")), true);
    for (const url of ["https://example.org:8443/", "ftp://example.org/", "file:///etc/passwd"])
      assert.equal(allowsPage(hosts, new URL(url)), false, url);
  });

  test("[PREVIEW-2] a redirect leads nowhere that was not allowed, and not round and round", async (t) => {
    const { port, asked } = await site(t, (request, response) => {
      if (request.url === "/page") return html(request, response);
      const to = { "/own": `http://localhost:${port}/page`, "/on": "page", "/round": "/round" }[
        request.url ?? ""
      ];
      response.writeHead(302, { location: to }).end();
    });
    const at = (path: string): Promise<string | null> =>
      fetchPage(new URL(`http://127.0.0.1:${port}${path}`), LOOPBACK);
    assert.equal(await at("/on"), "<title>A page</title>");
    assert.equal(await at("/own"), null);
    assert.equal(await at("/round"), null);
    assert.ok(asked.every((line) => line.startsWith("127.0.0.1:")));
    assert.equal(asked.filter((line) => line.endsWith("/round")).length, 4);
  });

  test("[PREVIEW-2] of a page the beginning is read, and of what is none nothing", async (t) => {
    let sent = 0;
    const { port } = await site(t, (request, response) => {
      const { url } = request;
      const type = url === "/pdf" ? "application/pdf" : "text/html; charset=iso-8859-1";
      response.writeHead(url === "/gone" ? 404 : 200, { "content-type": type });
      if (url !== "/endless") {
        response.end(Buffer.from("<title>caf\u00e9</title>", "latin1"));
        return;
      }
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536))) sent += 65_536;
      };
      response.on("drain", more);
      more();
    });
    const at = (path: string): Promise<string | null> =>
      fetchPage(new URL(`http://127.0.0.1:${port}${path}`), LOOPBACK);
    assert.equal(await at("/"), "<title>café</title>");
    assert.equal(await at("/pdf"), null);
    assert.equal(await at("/gone"), null);
    assert.equal((await at("/endless"))?.length, 262_144);
    assert.ok(sent < 50_000_000);
    assert.equal(await fetchPage(new URL("http://127.0.0.1:1/"), LOOPBACK), null);
  });

  test("[PREVIEW-3] what a page says of itself is taken as text, without what misleads", () => {
    const page = `<!doctype html><head><title>A &amp; B</title><meta name="description" content="Plain words">
      <meta property="og:site_name" content="Shop\u202e&lt;b&gt;"></head><body><title>not this</title>`;
    assert.deepEqual(readPreview(page, "https://a.example/"), {
      url: "https://a.example/",
      title: "A & B",
      description: "Plain words",
      site: "Shop<b>",
    });
    const card = `<meta property=og:title content="The title"><title>another</title>`;
    assert.deepEqual(readPreview(card, "https://a.example/"), {
      url: "https://a.example/",
      title: "The title",
    });
    for (const nothing of ["", "plain", "<title> </title>", "<title>\u200b</title>"])
      assert.equal(readPreview(nothing, "https://a.example/"), null);
    assert.equal(
      readPreview(`<title>${"x".repeat(100_000)}</title>`, "https://a.example/")?.title.length,
      200,
    );
  });

  test("[PREVIEW-1] whose pages are looked at is said as none, public, or hosts by name", () => {
    assert.deepEqual(readPreviewHosts("none"), { kind: "none" });
    const named = readPreviewHosts("Example.org, *.example.com");
    assert.ok(named !== null);
    const allowed = ["https://example.org/a", "http://example.org:8080/", "https://a.b.example.com/"];
    for (const url of allowed) assert.equal(allowsPage(named, new URL(url)), true, url);
    for (const url of ["https://www.example.org/", "https://example.com/", "https://badexample.com/"])
      assert.equal(allowsPage(named, new URL(url)), false, url);
    assert.equal(allowsPage({ kind: "none" }, new URL("https://example.org/")), false);
    for (const text of ["", "example.org,", "https://example.org", "a b", "exa/mple", "*"])
      assert.equal(readPreviewHosts(text), null, text);
  });
});
