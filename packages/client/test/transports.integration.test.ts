import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { ParlorClient, TransportKind } from "../src/index.ts";
import { blocksUpgrades, buffersResponses, startProxy, swallowsFrames } from "@parlor/testkit";
import { ChangingNetwork } from "./changing-network.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";

const TIMEOUT = { timeout: 60_000 };

async function setUp(t: TestContext) {
  const server = await new RealServer(t).start();
  const network = await ChangingNetwork.before(server.port);
  t.after(() => network[Symbol.asyncDispose]());
  return { server, network };
}

/** Fulfils once the client is open over this transport. */
function openOver(client: ParlorClient, kind: TransportKind): Promise<void> {
  return new Promise((resolve) => {
    const stop = client.on("state", () => check());
    const check = (): void => {
      const { state } = client;
      if (state.kind !== "open" || state.transport !== kind) return;
      stop();
      resolve();
    };
    check();
  });
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** A WebSocket that something on the way swallows, both ways, once it was welcomed. */
class SwallowedSocket extends WebSocket {
  #isSwallowed = false;

  override set onmessage(listener: (event: MessageEvent) => void) {
    this.addEventListener("message", (event) => {
      if (!this.#isSwallowed) listener(event);
      this.#isSwallowed = true;
    });
  }

  override send(text: string): void {
    if (!this.#isSwallowed) super.send(text);
  }
}

describe("a client and a real server, over all transports", TIMEOUT, () => {
  test("[RACE-11] swapped in the middle of bursts, from the WebSocket to the stream, the poll and back: each once, in order", async (t) => {
    const { server, network } = await setUp(t);
    const [writer, reader] = [connect(t, network.url), connect(t, network.url)];
    const seen = collect(reader.room("lobby"));
    reader.room("lobby").subscribe({ last: 500 });
    await Promise.all([openOver(reader, "websocket"), writer.room("lobby").publish(0)]);

    const said: number[] = [0];
    const promises: Promise<unknown>[] = [];
    for (const best of ["stream", "poll", "websocket", "poll", "stream"] as const) {
      for (const _ of range(60)) {
        said.push(said.length);
        promises.push(writer.room("lobby").publish(said.length - 1));
      }
      await promises.at(-50);
      network.allow(best);
      network.cut();
      await Promise.all(promises);
      await Promise.all([stateOf(writer, "open"), stateOf(reader, "open")]);
      await seen.until(said.length);
    }
    assert.deepEqual(seen.bodies, said);
    assert.deepEqual(await server.bodies("lobby"), said);
  });

  test("[RACE-11] a WebSocket that becomes possible in the middle of a burst is taken over, and the client stays open throughout", async (t) => {
    const { server, network } = await setUp(t);
    network.allow("stream");
    const client = connect(t, network.url);
    const room = client.room("lobby");
    const seen = collect(room);
    room.subscribe({ last: 500 });
    await openOver(client, "stream");
    const states: string[] = [];
    client.on("state", (state) => states.push(state.kind === "open" ? state.transport : state.kind));
    network.allow("websocket");
    const said: number[] = [];
    const promises: Promise<unknown>[] = [];
    const taken = openOver(client, "websocket");
    let isTaken = false;
    void taken.then(() => (isTaken = true));
    while (!isTaken) {
      said.push(said.length);
      promises.push(room.publish(said.length - 1));
      if (promises.length % 4 === 0) await promises.at(-1);
    }
    promises.push(room.publish(said.length));
    said.push(said.length);
    await Promise.all(promises);
    await seen.until(said.length);
    assert.deepEqual(states, ["websocket"]);
    assert.deepEqual(seen.bodies, said);
    assert.deepEqual(await server.bodies("lobby"), said);
  });

  test("[RACE-8] behind something that swallows a WebSocket after its welcome, the stream takes its place, and nothing is lost", async (t) => {
    const server = await new RealServer(t).start({ heartbeatMs: 300 });
    const client = connect(t, server.url, { webSocket: SwallowedSocket });
    const room = client.room("lobby");
    const seen = collect(room);
    room.subscribe({ last: 50 });
    await openOver(client, "websocket");
    const publishes = range(20).map((n) => room.publish(n));
    await openOver(client, "stream");
    await Promise.all(publishes);
    await seen.until(20);
    assert.deepEqual(seen.bodies, range(20));
    assert.deepEqual(await server.bodies("lobby"), range(20));
  });

  test("[RACE-8] behind something that swallows only what goes up, a busy room does not keep the client on the WebSocket", async (t) => {
    // Long enough that what comes down until the server gives up is no short life.
    const server = await new RealServer(t).start({ heartbeatMs: 3_500 });
    const proxy = await startProxy({ upstreamPort: server.port, faults: [swallowsFrames("up")] });
    t.after(() => proxy.close());
    const client = connect(t, `http://127.0.0.1:${proxy.port}/`);
    const room = client.room("lobby");
    const seen = collect(room);
    room.subscribe({ last: 500 });
    await openOver(client, "websocket");
    const mine = room.publish("mine");
    let isStored = false;
    void mine.then(() => (isStored = true));
    let said = 0;
    while (!isStored) {
      await server.parlor.room("lobby").publish(++said);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // Mostly the stream; on a slow machine a poll may have been first.
    assert.match(
      client.state.kind === "open" ? client.state.transport : client.state.kind,
      /^(stream|poll)$/,
    );
    await seen.until(said + 1);
    assert.deepEqual(seen.bodies, await server.bodies("lobby"));
  });

  test("[RACE-8] behind something that passes on whole blocks only, a client soon sees all over polls", async (t) => {
    const server = await new RealServer(t).start();
    const blocks = [blocksUpgrades(), buffersResponses(1_024)];
    const proxy = await startProxy({ upstreamPort: server.port, faults: blocks });
    t.after(() => proxy.close());
    const { parlor } = server;
    for (const n of range(50)) await parlor.room("lobby").publish(`${n} ${"x".repeat(300)}`);
    const client = connect(t, `http://127.0.0.1:${proxy.port}/`);
    const seen = collect(client.room("lobby"));
    client.room("lobby").subscribe({ last: 50 });
    await openOver(client, "stream");
    const beganAt = performance.now();
    await seen.until(50);
    await openOver(client, "poll");
    await parlor.room("lobby").publish("a few bytes");
    await seen.until(51);
    assert.deepEqual(seen.bodies, await server.bodies("lobby"));
    assert.ok(performance.now() - beganAt < 25_000, "before the stream's own heartbeats would have told");
  });

  test("[RACE-5] an upgrade that is refused for its origin is told in the server's words", async (t) => {
    const server = await new RealServer(t).start();
    const client = connect(t, server.url, {
      fetch: (url, init) =>
        fetch(url, { ...init, headers: { ...(init?.headers as object), origin: "http://evil.test" } }),
      transports: ["stream"],
    });
    client.reconnect();
    const state = await stateOf(client, "closed");
    assert.equal(state.code, "origin-not-allowed");
    assert.match(state.message, /evil\.test/);
  });

  test("[RACE-5] where nothing is there, one sentence says what was tried", async (t) => {
    const client = connect(t, "http://127.0.0.1:1/");
    client.reconnect();
    const { reason } = await stateOf(client, "waiting");
    assert.match(reason, /^The server could not be reached \(tried WebSocket.*; event stream.*\)\.$/);
  });
});
