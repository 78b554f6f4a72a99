import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { describe, test } from "node:test";
import { TcpProxy } from "./tcp-proxy.ts";

/** A server that sends back what it gets, and a proxy in front of it. */
class Fixture implements AsyncDisposable {
  readonly server: Server;
  readonly proxy: TcpProxy;
  readonly serverSockets = new Set<Socket>();
  readonly #clients: Socket[] = [];

  private constructor(server: Server, proxy: TcpProxy) {
    this.server = server;
    this.proxy = proxy;
  }

  static async open(): Promise<Fixture> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const fixture = new Fixture(server, await TcpProxy.listen((server.address() as AddressInfo).port));
    server.on("connection", (socket) => {
      fixture.serverSockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => fixture.serverSockets.delete(socket));
      socket.pipe(socket);
    });
    return fixture;
  }

  async connect(): Promise<Socket> {
    const socket = this.tryToConnect();
    await once(socket, "connect");
    return socket;
  }

  tryToConnect(): Socket {
    const socket = connect(this.proxy.port, "127.0.0.1");
    this.#clients.push(socket);
    socket.on("error", () => undefined);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.proxy[Symbol.asyncDispose]();
    this.server.close();
  }
}

/** The next so many bytes. */
async function read(socket: Socket, count: number): Promise<string> {
  let text = "";
  while (text.length < count) text += String(((await once(socket, "data")) as [Buffer])[0]);
  return text;
}

/** When the socket is closed, by an end or by a reset. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

/** Whether something arrives within a time that is long on loopback. */
async function isSilent(socket: Socket): Promise<boolean> {
  let isSilentStill = true;
  const listener = (): boolean => (isSilentStill = false);
  socket.on("data", listener);
  await new Promise((resolve) => setTimeout(resolve, 60));
  socket.off("data", listener);
  return isSilentStill;
}

describe("TcpProxy", () => {
  test("carries bytes both ways, whole and in order, and the end of each side", async () => {
    await using fixture = await Fixture.open();
    const client = await fixture.connect();
    const text = "0123456789".repeat(50_000);
    client.write(text);
    assert.equal(await read(client, text.length), text);
    client.end("bye");
    assert.equal(await read(client, 3), "bye");
    await once(client, "close");
    assert.equal(fixture.proxy.connectionCount, 0);
  });

  test("cuts every connection on both sides, and takes new ones", async () => {
    await using fixture = await Fixture.open();
    const client = await fixture.connect();
    client.write("a");
    await read(client, 1);
    const [serverSide] = [...fixture.serverSockets] as [Socket];
    const bothClosed = [closeOf(client), closeOf(serverSide)];
    fixture.proxy.cutAll();
    await Promise.all(bothClosed);
    const again = await fixture.connect();
    again.write("b");
    assert.equal(await read(again, 1), "b");
  });

  test("refuses connections until told otherwise", async () => {
    await using fixture = await Fixture.open();
    fixture.proxy.refuse();
    await closeOf(fixture.tryToConnect());
    fixture.proxy.refuse(false);
    const again = await fixture.connect();
    again.write("b");
    assert.equal(await read(again, 1), "b");
  });

  for (const direction of ["both", "to-server", "to-client"] as const) {
    test(`paused (${direction}) it lets nothing come back, closes nothing, and then gives all that waited`, async () => {
      await using fixture = await Fixture.open();
      const client = await fixture.connect();
      client.write("a");
      await read(client, 1);
      fixture.proxy.pause(direction);
      client.write("b");
      assert.equal(await isSilent(client), true);
      assert.equal(fixture.serverSockets.size, 1);
      fixture.proxy.resume(direction);
      assert.equal(await read(client, 1), "b");
    });
  }

  test("a sender whose bytes are paused is slowed down in the end", async () => {
    await using fixture = await Fixture.open();
    const client = await fixture.connect();
    fixture.proxy.pause("to-server");
    const chunk = Buffer.alloc(1_048_576);
    for (let i = 0; i < 40; i++) client.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(client.writableLength > 20 * 1_048_576, `${client.writableLength} bytes wait at the sender`);
  });

  test("delays every byte by the time told, without slowing the stream", async () => {
    await using fixture = await Fixture.open();
    const client = await fixture.connect();
    fixture.proxy.delay(50);
    const begunMs = performance.now();
    for (let i = 0; i < 20; i++) client.write("x".repeat(1000));
    await read(client, 20_000);
    const tookMs = performance.now() - begunMs;
    assert.ok(tookMs >= 99 && tookMs < 1000, `took ${tookMs} ms`);
  });

  test("throttles to the bytes a second told", async () => {
    await using fixture = await Fixture.open();
    const client = await fixture.connect();
    fixture.proxy.throttle(100_000, "to-client");
    const begunMs = performance.now();
    client.write("x".repeat(30_000));
    await read(client, 30_000);
    const tookMs = performance.now() - begunMs;
    assert.ok(tookMs >= 250 && tookMs < 2000, `took ${tookMs} ms`);
  });
});
