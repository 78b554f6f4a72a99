import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { RawSocketPeer } from "../raw-socket-peer.ts";
import { blocksUpgrades } from "./blocks-upgrades.ts";
import { buffersResponses } from "./buffers-responses.ts";
import { cutsAfter } from "./cuts-after.ts";
import type { ProxyFault } from "./proxy-fault.ts";
import { startProxy, type RunningProxy } from "./start-proxy.ts";
import { swallowsFrames } from "./swallows-frames.ts";

/** A server that takes upgrades and gives bytes back, and a proxy in front of it. */
class Fixture implements AsyncDisposable {
  readonly server: Server;
  readonly proxy: RunningProxy;
  /** Responses that the test writes itself. */
  readonly streams: ServerResponse[] = [];

  private constructor(server: Server, proxy: RunningProxy) {
    this.server = server;
    this.proxy = proxy;
  }

  static async open(...faults: readonly ProxyFault[]): Promise<Fixture> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const upstreamPort = (server.address() as AddressInfo).port;
    const fixture = new Fixture(server, await startProxy({ upstreamPort, faults }));
    server.on("request", (request, response) => fixture.#answer(request, response));
    server.on("upgrade", (_request: IncomingMessage, socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhi");
      socket.on("error", () => undefined);
      socket.pipe(socket);
    });
    return fixture;
  }

  get url(): string {
    return `http://127.0.0.1:${this.proxy.port}`;
  }

  async upgrade(): Promise<{ readonly peer: RawSocketPeer; readonly status: number }> {
    const peer = await RawSocketPeer.connect({ port: this.proxy.port });
    const { status } = await peer.handshake();
    return { peer, status };
  }

  /** A response that has begun and that the test goes on with. */
  async stream(): Promise<{ readonly response: Promise<Response>; readonly upstream: ServerResponse }> {
    const response = fetch(`${this.url}/stream`);
    // Whoever waits for it learns of a failure; who does not is not interested.
    response.catch(() => undefined);
    await once(this.server, "request");
    return { response, upstream: this.streams.at(-1) as ServerResponse };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.close();
    this.server.closeAllConnections();
    this.server.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === "/stream") {
      this.streams.push(response);
      response.writeHead(200, { "content-type": "text/plain" });
      response.flushHeaders();
      return;
    }
    const headers = JSON.stringify({ method: request.method, host: request.headers.host });
    response.writeHead(request.headers.upgrade === undefined ? 200 : 400, {
      "x-seen": headers,
      "x-connection": request.headers.connection ?? "none",
    });
    request.pipe(response);
  }
}

describe("startProxy", () => {
  test("a good proxy passes requests with their bodies and their Host", async () => {
    await using fixture = await Fixture.open();
    const body = "x".repeat(300_000);
    const response = await fetch(`${fixture.url}/echo`, { method: "POST", body });
    assert.deepEqual(JSON.parse(response.headers.get("x-seen") ?? ""), {
      method: "POST",
      host: `127.0.0.1:${fixture.proxy.port}`,
    });
    assert.equal(await response.text(), body);
  });

  test("a good proxy passes a response on as it comes, and tells the server of a client that left", async () => {
    await using fixture = await Fixture.open();
    const { response, upstream } = await fixture.stream();
    const body = (await response).body;
    upstream.write("one");
    const reader = body?.getReader();
    assert.equal(new TextDecoder().decode((await reader?.read())?.value), "one");
    const closed = once(upstream, "close");
    await reader?.cancel();
    await closed;
  });

  test("a good proxy joins an upgrade both ways, and the end of one side is the other's", async () => {
    await using fixture = await Fixture.open();
    const { peer, status } = await fixture.upgrade();
    assert.equal(status, 101);
    peer.write("there");
    assert.equal(String(await peer.readBytes(7)), "hithere");
    fixture.proxy.network.cutAll();
    await peer.closed();
  });

  test("where no server answers it says so, and a server that comes back is found", async () => {
    await using fixture = await Fixture.open();
    const { port } = fixture.server.address() as AddressInfo;
    fixture.server.close();
    assert.equal((await fetch(fixture.url)).status, 502);
    fixture.server.listen(port, "127.0.0.1");
    await once(fixture.server, "listening");
    assert.equal((await fetch(fixture.url)).status, 200);
  });

  test("one that blocks upgrades answers them 403 itself, and passes all else", async () => {
    await using fixture = await Fixture.open(blocksUpgrades());
    const { peer, status } = await fixture.upgrade();
    assert.equal(status, 403);
    peer.destroy();
    assert.equal((await fetch(fixture.url)).status, 200);
  });

  test("one that drops the header passes an upgrade on as an ordinary request", async () => {
    await using fixture = await Fixture.open(blocksUpgrades("drop-header"));
    const peer = await RawSocketPeer.connect({ port: fixture.proxy.port });
    const { status, headers } = await peer.handshake();
    assert.equal(status, 200);
    assert.equal(headers.get("x-connection"), "close");
    peer.destroy();
  });

  test("one that swallows frames passes the answer of the upgrade, and then nothing, not even an end", async () => {
    await using fixture = await Fixture.open(swallowsFrames());
    const sockets: { destroy(): void }[] = [];
    fixture.server.on("connection", (socket) => sockets.push(socket));
    const { peer, status } = await fixture.upgrade();
    assert.equal(status, 101);
    peer.write("there");
    for (const socket of sockets) socket.destroy();
    // What the server would have sent, and its end, would be here within this.
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(peer.receivedBytes, 0);
    assert.equal(peer.isClosed, false);
    peer.destroy();
  });

  test("one that swallows what goes up passes on what comes down, and its end", async () => {
    await using fixture = await Fixture.open(swallowsFrames("up"));
    const sockets: { destroy(): void }[] = [];
    fixture.server.on("connection", (socket) => sockets.push(socket));
    const { peer, status } = await fixture.upgrade();
    assert.equal(status, 101);
    peer.write("there");
    assert.equal(String(await peer.readBytes(2)), "hi");
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(peer.receivedBytes, 0, "the server sends back what it hears");
    for (const socket of sockets) socket.destroy();
    await peer.closed();
  });

  test("one that buffers gives a response when it is complete, head and all", async () => {
    await using fixture = await Fixture.open(buffersResponses());
    const { response, upstream } = await fixture.stream();
    let hasHead = false;
    void response.then(() => (hasHead = true));
    upstream.write("one");
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(hasHead, false);
    upstream.end(" two");
    assert.equal(await (await response).text(), "one two");
  });

  test("one that buffers so many bytes gives whole blocks of them, and the rest at the end", async () => {
    await using fixture = await Fixture.open(buffersResponses(1000));
    const { response, upstream } = await fixture.stream();
    upstream.write("x".repeat(999));
    upstream.write("yy");
    const reader = (await response).body?.getReader();
    const next = async (): Promise<string> => String(Buffer.from((await reader?.read())?.value ?? []));
    assert.equal(await next(), `${"x".repeat(999)}y`);
    upstream.end("z");
    assert.equal(await next(), "yz");
  });

  test("one that cuts ends each connection after its time, requests and upgrades alike", async () => {
    await using fixture = await Fixture.open(cutsAfter(100));
    const begunMs = performance.now();
    const { peer } = await fixture.upgrade();
    const { response } = await fixture.stream();
    await assert.rejects(async () => await (await response).text());
    await peer.closed();
    const tookMs = performance.now() - begunMs;
    assert.ok(tookMs >= 95 && tookMs < 2000, `took ${tookMs} ms`);
  });

  test("delays every byte", async () => {
    await using fixture = await Fixture.open();
    await using slow = await startProxy({ upstreamPort: fixture.proxy.port, delayMs: 50 });
    const begunMs = performance.now();
    await fetch(`http://127.0.0.1:${slow.port}/`);
    assert.ok(performance.now() - begunMs >= 99);
  });

  test("closing it ends what goes through it, and twice is harmless", async () => {
    await using fixture = await Fixture.open();
    const { peer } = await fixture.upgrade();
    await Promise.all([fixture.proxy.close(), peer.closed()]);
    await fixture.proxy.close();
    await assert.rejects(fetch(fixture.url));
  });
});
