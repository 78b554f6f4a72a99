import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MemoryLog, SqliteLog } from "@parlor/log";
import { CoreClient } from "../src/core.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";

const TIMEOUT = { timeout: 30_000 };

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

describe("a client and a real server, over the platform's WebSocket", TIMEOUT, () => {
  test("[CLIENT-33] what one publishes, both see, with the publisher's identity", async (t) => {
    const server = await new RealServer(t).start();
    const ada = connect(t, server.url);
    const bob = connect(t, server.url);
    const seen = [ada, bob].map((client) => collect(client.room("lobby")));
    bob.room("lobby").subscribe();
    ada.room("lobby").subscribe({ last: 50 });
    await Promise.all([stateOf(ada, "open"), stateOf(bob, "open")]);
    const { offset, seq } = await ada.room("lobby").publish({ text: "hello" });
    assert.deepEqual([offset, seq], [1, 1]);
    for (const each of seen) {
      await each.until(1);
      assert.deepEqual(each.bodies, [{ text: "hello" }]);
    }
    const page = await bob.room("lobby").history();
    assert.equal(page.messages[0]?.from, ada.identity);
    assert.equal(page.messages[0]?.producer, ada.producer);
    assert.equal(page.messages[0]?.seq, 1);
    assert.notEqual(ada.identity, bob.identity);
  });

  test("[CLIENT-33] the same key is the same identity", async (t) => {
    const server = await new RealServer(t).start();
    const key = "a-secret-of-enough-characters-for-this-test";
    const clients = [connect(t, server.url, { key }), connect(t, server.url, { key })];
    for (const client of clients) client.reconnect();
    const states = await Promise.all(clients.map((client) => stateOf(client, "open")));
    assert.equal(states[0]?.identity, states[1]?.identity);
  });

  test("[CLIENT-34] a server that is cut again and again on its port: everything stored once, in order, and seen once", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-client-"));
    t.after(() => rm(folder, { recursive: true }));
    const server = await new RealServer(t, await SqliteLog.open({ folder })).start();
    const writers = [connect(t, server.url), connect(t, server.url)];
    const reader = connect(t, server.url);
    const listener = new CoreClient(server.url, { random: () => 0.02 });
    t.after(() => listener.close());
    const seen = collect(reader.room("lobby"));
    const heard = collect(listener.room("lobby"));
    for (const client of [reader, listener]) {
      client.room("lobby").on("lost", (lost) => assert.fail(JSON.stringify(lost)));
      client.room("lobby").subscribe({ last: 500 });
      await stateOf(client, "open");
    }

    const promises: Promise<unknown>[] = [];
    for (let round = 0; round < 8; round++) {
      for (const [who, writer] of writers.entries()) {
        for (const n of range(25)) promises.push(writer.room("lobby").publish([who, round, n]));
      }
      // In the middle of it, at a moment that differs from round to round.
      if (round > 0) await Promise.race(promises.slice(-(round * 6)));
      await server.stop();
      await server.start();
    }
    await Promise.all(promises);
    for (const each of [seen, heard]) {
      await each.until(400);
      assert.deepEqual(each.bodies, await server.bodies("lobby"));
    }
    for (const who of writers.keys()) {
      const own = seen.bodies.filter((body) => (body as number[])[0] === who);
      const said = range(8).flatMap((round) => range(25).map((n) => [who, round - 1, n]));
      assert.deepEqual(own, said);
    }
    for (const client of [...writers, reader]) await stateOf(client, "open");
  });

  test("[CLIENT-34] a drained server names the time to return, and the client keeps to it", async (t) => {
    const server = await new RealServer(t).start();
    const client = connect(t, server.url);
    client.room("lobby").subscribe();
    await stateOf(client, "open");
    const waiting = stateOf(client, "waiting");
    const drained = server.drain();
    const { retryInMs } = await waiting;
    const promise = client.room("lobby").publish("while it is away");
    await drained;
    await server.start();
    assert.ok(retryInMs > 0);
    assert.equal((await promise).offset, 1);
  });

  test("[CLIENT-35] another log in the old one's place is told as lost, and publishing goes on", async (t) => {
    const server = await new RealServer(t).start();
    const client = connect(t, server.url);
    const room = client.room("lobby");
    const lost: unknown[] = [];
    room.on("lost", (each) => lost.push(each));
    room.subscribe();
    await room.publish("in the first log");
    await server.stop();
    await server.log.close();
    server.log = new MemoryLog();
    const waiting = room.publish("while it is away");
    await server.start();
    assert.equal((await waiting).offset, 1);
    assert.equal((await room.publish("again")).offset, 2);
    assert.deepEqual(lost, [{ epoch: true }]);
    assert.deepEqual(await server.bodies("lobby"), ["while it is away", "again"]);
  });

  test("[CLIENT-36] what may not be published is refused in words, and the rest is stored in order", async (t) => {
    const server = await new RealServer(t).start({
      authorize: ({ action, body }) =>
        action !== "publish" || body !== 3 || { code: "forbidden", message: "No threes here." },
    });
    const room = connect(t, server.url).room("lobby");
    const outcomes = await Promise.allSettled(range(6).map((n) => room.publish(n)));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"],
    );
    assert.deepEqual(
      room.refused.map(({ body, code, message }) => [body, code, message]),
      [[3, "forbidden", "No threes here."]],
    );
    assert.deepEqual(await server.bodies("lobby"), [1, 2, 4, 5, 6]);
  });

  test("[CLIENT-36] more than the rate allows is stored all the same, in order, as fast as the rate allows", async (t) => {
    const server = await new RealServer(t).start({ publishPerSecond: 50 });
    const room = connect(t, server.url).room("lobby");
    await Promise.all(range(320).map((n) => room.publish(n)));
    assert.deepEqual(await server.bodies("lobby"), range(320));
  });

  test("[CLIENT-36] a client that is turned away is closed with the server's words, and may come back with another token", async (t) => {
    const server = await new RealServer(t).start({
      authenticate: ({ token }) =>
        token === "right" ? { identity: "ada" } : { code: "unauthenticated", message: "Sign in first." },
    });
    let token = "wrong";
    const client = connect(t, server.url, { token: () => token });
    const early = client.room("lobby").publish("x");
    await assert.rejects(early, { code: "unauthenticated" });
    assert.deepEqual(client.state, {
      kind: "closed",
      code: "unauthenticated",
      message: "Sign in first.",
    });
    token = "right";
    client.reconnect();
    assert.equal((await stateOf(client, "open")).identity, "ada");
    assert.equal((await client.room("lobby").publish("y")).offset, 1);
  });

  test("[CLIENT-37] a reader that stops for a while gets everything once, from a bounded buffer", async (t) => {
    const server = await new RealServer(t).start();
    const writer = connect(t, server.url).room("lobby");
    const iteration = connect(t, server.url).room("lobby").messages({ last: 500, maxBuffered: 50 });
    await writer.publish(0);
    const bodies = [(await iteration.next()).value?.body];
    await Promise.all(range(900).map((n) => writer.publish(n)));
    for await (const { body } of iteration) {
      bodies.push(body);
      if (body === 900) break;
    }
    assert.deepEqual(bodies, [0, ...range(900)]);
  });

  test("[CLIENT-38] a process waits for its server instead of ending without a word, and ends after close", async (t) => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const server = new RealServer(t);
    server.port = (free.address() as AddressInfo).port;
    free.close();
    await once(free, "close");

    const script = join(import.meta.dirname, "waiting-process.ts");
    const child = spawn(process.execPath, [script, server.url], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => child.kill("SIGKILL"));
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += String(chunk);
    });
    const exited = once(child, "exit");
    while (!output.includes("waiting")) await once(child.stdout, "data");
    await server.start();
    assert.deepEqual(await exited, [0, null], output);
    assert.match(output, /stored at 1/);
  });

  test("[CLIENT-19] a server that is not there is told in words", async (t) => {
    const client = connect(t, "http://127.0.0.1:1/");
    client.reconnect();
    assert.match((await stateOf(client, "waiting")).reason, /^The server could not be reached/);
  });
});
