import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import type { IncomingMessage } from "node:http";
import { request as requestTls, type RequestOptions } from "node:https";
import { connect, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import {
  nginxDefaultSite,
  RawSocketPeer,
  selfSignedCertificate,
  startHaproxy,
  startNginx,
  TcpProxy,
  type Certificate,
} from "@parlor/testkit";
import { haproxyRecipe, nginxRecipe, nginxTlsRecipe, recommendedFlags } from "./operations-recipes.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

const NAME = "chat.example.org";
const ORIGIN = `https://${NAME}`;
const HELLO = { type: "hello", version: 1, key: "k".repeat(22), producer: "operations" };

/** A handshake as a browser's page of the site makes it, through a proxy that passes Host on. */
const OF_THE_SITE = { headers: { Host: NAME, Origin: ORIGIN } };

function publish(url: string, text: string): Promise<Response> {
  return fetch(new URL("rooms/lobby/messages", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
  });
}

/** Reads a response until it holds the text; the time limit is the test's. */
async function readUntil(response: Response, text: string): Promise<void> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let read = "";
  while (!read.includes(text)) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    assert.ok(!done, `it ended after: ${read}`);
    read += decoder.decode(value, { stream: true });
  }
  await reader?.cancel();
}

describe("docs/operations.md", () => {
  const folder = temporaryFolder();
  let parlor: ParlorProcess;
  let url = "";
  let upstreamPort = 0;
  let certificate: Certificate;

  before(async () => {
    certificate = await selfSignedCertificate(NAME);
    const flags = recommendedFlags(ORIGIN);
    parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--connections-per-address", "1", ...flags],
    });
    url = await parlor.url;
    upstreamPort = Number(new URL(url).port);
  });
  after(async () => {
    await parlor[Symbol.asyncDispose]();
    await certificate[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Asks over TLS what only a client that trusts the certificate is answered. */
  function asksTls(port: number, options: RequestOptions): ReturnType<typeof requestTls> {
    const { pem: ca } = certificate;
    const request = requestTls({ port, host: "127.0.0.1", servername: NAME, ca, agent: false, ...options });
    request.end();
    return request;
  }

  /** A WebSocket of the site. */
  async function upgradeOverTls(port: number, localAddress: string): Promise<Socket> {
    const headers = {
      ...OF_THE_SITE.headers,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Key": Buffer.alloc(16).toString("base64"),
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Protocol": "parlor.v1",
    };
    const request = asksTls(port, { path: "/connect", headers, localAddress });
    const answers = [once(request, "upgrade"), once(request, "response")];
    const [response] = (await Promise.race(answers)) as [IncomingMessage];
    if (response.statusCode !== 101) request.destroy();
    assert.equal(response.statusCode, 101);
    return response.socket;
  }

  /** More than one connection of an address is refused here, so the server sees that these are two. */
  async function upgradesOfTwoOverTls(port: number): Promise<void> {
    const one = await upgradeOverTls(port, "127.0.0.2");
    const other = await upgradeOverTls(port, "127.0.0.3");
    one.destroy();
    other.destroy();
  }

  async function answersOverTls(port: number): Promise<string> {
    const [response] = (await once(asksTls(port, { headers: { Host: NAME } }), "response")) as [
      IncomingMessage,
    ];
    response.setEncoding("utf8");
    let page = "";
    for await (const chunk of response) page += String(chunk);
    return page;
  }

  test("[PROXY-6] nginx by the recipe passes WebSockets of the site, and the server sees who is behind it", async () => {
    await using nginx = await startNginx((port) => nginxRecipe({ port, upstreamPort }));
    using first = await RawSocketPeer.open({ port: nginx.port, localAddress: "127.0.0.2", ...OF_THE_SITE });
    using second = await RawSocketPeer.open({ port: nginx.port, localAddress: "127.0.0.3", ...OF_THE_SITE });
    first.send(HELLO);
    await first.readJsonWith({ type: "welcome" });
    second.send(HELLO);
    await second.readJsonWith({ type: "welcome" });
    // One connection an address is this server's limit: two of one address are told apart from two people.
    using third = await RawSocketPeer.connect({ port: nginx.port, localAddress: "127.0.0.3" });
    assert.equal((await third.handshake(OF_THE_SITE)).status, 429);
    using stranger = await RawSocketPeer.connect({ port: nginx.port });
    const evil = { headers: { Host: NAME, Origin: "https://evil.example" } };
    assert.equal((await stranger.handshake(evil)).status, 403);
  });

  test("[PROXY-6] nginx by the recipe gives each event of a stream when it comes", async () => {
    await using nginx = await startNginx((port) => nginxRecipe({ port, upstreamPort }));
    const headers = { accept: "text/event-stream" };
    const feed = await fetch(`http://127.0.0.1:${nginx.port}/rooms/lobby/messages`, { headers });
    assert.equal((await publish(url, "through the recipe")).status, 201);
    await readUntil(feed, "through the recipe");
  });

  test("[PROXY-5] nginx with nothing but proxy_pass refuses the upgrade, and streams all the same", async () => {
    await using nginx = await startNginx(nginxDefaultSite(upstreamPort));
    using peer = await RawSocketPeer.connect({ port: nginx.port });
    assert.equal((await peer.handshake({ headers: { Origin: ORIGIN } })).status, 426);
    const stream = await fetch(`http://127.0.0.1:${nginx.port}/connect/stream`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", origin: ORIGIN },
      body: [HELLO, { type: "subscribe", room: "lobby" }].map((frame) => JSON.stringify(frame)).join("\n"),
    });
    assert.equal(stream.status, 200);
    assert.equal((await publish(url, "in HTTP/1.0")).status, 201);
    await readUntil(stream, "in HTTP/1.0");
  });

  test("[PROXY-7] nginx with the lines for TLS serves the page over HTTP/2 and WebSockets beside it", async () => {
    await using nginx = await startNginx((port) => nginxTlsRecipe({ port, upstreamPort }, certificate));
    assert.match(await answersOverTls(nginx.port), /<title>/);
    await upgradesOfTwoOverTls(nginx.port);
    await speaksHttp2(nginx.port);
  });

  test("[PROXY-6] [PROXY-7] haproxy by the recipe does the same, sends plain requests to TLS, and finds the server ready", async () => {
    const plain = await TcpProxy.listen(0);
    const { port: plainPort } = plain;
    await plain[Symbol.asyncDispose]();
    const { bundlePath } = certificate;
    await using haproxy = await startHaproxy((port) =>
      haproxyRecipe({ port, upstreamPort, plainPort }, bundlePath),
    );
    assert.match(await answersOverTls(haproxy.port), /<title>/);
    await upgradesOfTwoOverTls(haproxy.port);
    await speaksHttp2(haproxy.port);
    const moved = await fetch(`http://127.0.0.1:${plainPort}/r/lobby`, { redirect: "manual" });
    assert.equal(moved.status, 302);
    assert.match(moved.headers.get("location") ?? "", /^https:.*\/r\/lobby$/);
    // As its health check asks, which is in HTTP/1.0 and names no host.
    const socket = connect(upstreamPort, "127.0.0.1");
    socket.end("GET /readyz HTTP/1.0\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(String(answer), /^HTTP\/1\.[01] 200 /);
  });

  async function speaksHttp2(port: number): Promise<void> {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: certificate.pem, servername: NAME });
    const request = session.request({ ":path": "/healthz", ":authority": NAME });
    const [headers] = (await once(request, "response")) as [Record<string, unknown>];
    assert.equal(headers[":status"], 200);
    session.destroy();
  }
});
