import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { request as requestTls } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { RawSocketPeer } from "../raw-socket-peer.ts";
import { haproxyDefaultSite, startHaproxy } from "./haproxy.ts";
import { nginxDefaultSite, startNginx } from "./nginx.ts";
import { startProxyProgram } from "./proxy-program.ts";
import { selfSignedCertificate } from "./self-signed-certificate.ts";

describe("real proxies", () => {
  let server: Server;
  let upstreamPort = 0;

  before(async () => {
    server = createServer((request, response) => {
      const { httpVersion, headers } = request;
      response.end(JSON.stringify({ httpVersion, host: headers.host, upgrade: headers.upgrade ?? null }));
    });
    server.on("upgrade", (request, socket) => {
      socket.on("error", () => undefined);
      // haproxy looks whether the answer fits the key.
      const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash("sha1").update(key).digest("base64");
      const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
      socket.end([...head, `Sec-WebSocket-Accept: ${accept}`, "", "hi"].join("\r\n"));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    upstreamPort = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  test("nginx by its defaults asks in HTTP/1.0, names the server behind it, and takes upgrades away", async () => {
    await using nginx = await startNginx(nginxDefaultSite(upstreamPort));
    const seen = await (await fetch(`http://127.0.0.1:${nginx.port}/`)).json();
    assert.deepEqual(seen, { httpVersion: "1.0", host: `127.0.0.1:${upstreamPort}`, upgrade: null });
    using peer = await RawSocketPeer.connect({ port: nginx.port });
    assert.equal((await peer.handshake()).status, 200);
  });

  test("haproxy by its defaults passes everything on, upgrades too", async () => {
    await using haproxy = await startHaproxy(haproxyDefaultSite(upstreamPort));
    const seen = await (await fetch(`http://127.0.0.1:${haproxy.port}/`)).json();
    assert.deepEqual(seen, { httpVersion: "1.1", host: `127.0.0.1:${haproxy.port}`, upgrade: null });
    using peer = await RawSocketPeer.connect({ port: haproxy.port });
    assert.equal((await peer.handshake()).status, 101);
    assert.equal(String(await peer.readBytes(2)), "hi");
  });

  test("with a certificate made here, nginx speaks TLS to who trusts it", async () => {
    await using certificate = await selfSignedCertificate("parlor.lan");
    const { certificatePath, keyPath, pem } = certificate;
    const tls = `ssl_certificate ${certificatePath}; ssl_certificate_key ${keyPath};`;
    await using nginx = await startNginx((port) =>
      nginxDefaultSite(upstreamPort)(port).replace(`:${port};`, `:${port} ssl http2; ${tls}`),
    );
    const request = requestTls({ port: nginx.port, host: "127.0.0.1", servername: "parlor.lan", ca: pem });
    request.end();
    const [response] = (await once(request, "response")) as [NodeJS.ReadableStream & { statusCode: number }];
    assert.equal(response.statusCode, 200);
    response.resume();
  });

  test("a configuration that it does not take is an error with what it said, and nothing stays", async () => {
    await assert.rejects(
      startNginx(() => "nonsense;"),
      /did not start:[^]*unknown directive "nonsense"/,
    );
    await assert.rejects(
      startProxyProgram({ program: "/nowhere/at-all", configuration: () => "", args: () => [] }),
      /\/nowhere\/at-all did not start/,
    );
  });
});
