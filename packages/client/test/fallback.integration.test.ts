import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { TcpProxy } from "@parlor/testkit";
import type { Transport } from "../src/index.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";
import { overHttp } from "./over-http.ts";

const TIMEOUT = { timeout: 60_000 };

const TRANSPORTS: Readonly<Record<string, (base: string) => Transport>> = {
  stream: (base) => overHttp("stream", base),
  poll: (base) => overHttp("poll", base),
};

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** A server, and a network before it that the test can break. */
async function setUp(t: TestContext): Promise<{ server: RealServer; proxy: TcpProxy; base: string }> {
  const server = await new RealServer(t).start();
  const proxy = await TcpProxy.listen(server.port);
  t.after(() => proxy[Symbol.asyncDispose]());
  return { server, proxy, base: `http://127.0.0.1:${proxy.port}/` };
}

for (const [kind, transportTo] of Object.entries(TRANSPORTS)) {
  describe(`a client that has only the ${kind}, and a real server`, TIMEOUT, () => {
    test("[TRANSPORT-40] joins, hears, publishes and reads history; rooms can be added and left", async (t) => {
      const { server, base } = await setUp(t);
      const ada = connect(t, base, { transport: transportTo(base) });
      const bob = connect(t, server.url);
      await bob.room("lobby").publish("before");
      const seen = collect(ada.room("lobby"));
      ada.room("lobby").subscribe({ last: 50 });
      await seen.until(1);
      const state = await stateOf(ada, "open");
      assert.equal(state.transport, kind);
      await bob.room("lobby").publish("live");
      await seen.until(2);
      const other = collect(ada.room("other"));
      ada.room("other").subscribe({ last: 50 });
      await ada.room("other").publish("mine");
      await other.until(1);
      await ada.room("lobby").publish("after");
      await seen.until(3);
      assert.deepEqual([seen.bodies, other.bodies], [["before", "live", "after"], ["mine"]]);
      const { messages } = await ada.room("lobby").history({ limit: 2 });
      assert.deepEqual(
        messages.map(({ body }) => body),
        ["live", "after"],
      );
      ada.room("other").unsubscribe();
      await bob.room("other").publish("unheard");
      await bob.room("lobby").publish("heard");
      await seen.until(4);
      assert.deepEqual(other.bodies, ["mine"]);
      assert.deepEqual(await server.bodies("lobby"), ["before", "live", "after", "heard"]);
    });

    test("[TRANSPORT-42] the application hears of one subscription, and what is said behind it is live", async (t) => {
      const { server, base } = await setUp(t);
      const ada = connect(t, base, { transport: transportTo(base) });
      const room = ada.room("lobby");
      const told: string[] = [];
      room.on("subscribed", () => told.push("subscribed"));
      room.on("messages", (_, { live }) => told.push(live ? "live" : "past"));
      const seen = collect(room);
      room.subscribe();
      await stateOf(ada, "open");
      await room.publish(0);
      const bob = connect(t, server.url).room("lobby");
      for (const n of range(10)) {
        await bob.publish(n);
        // Another room, and so another request, in the middle of it.
        if (n === 5) ada.room("other").subscribe();
        await seen.until(n + 1);
      }
      assert.deepEqual(told, ["subscribed", ...seen.bodies.map(() => "live")]);
    });

    test("[TRANSPORT-41] a drained server names the time to return, and the client keeps to it", async (t) => {
      const server = await new RealServer(t).start();
      const client = connect(t, server.url, { transport: transportTo(server.url) });
      const seen = collect(client.room("lobby"));
      client.room("lobby").subscribe();
      await stateOf(client, "open");
      const waiting = stateOf(client, "waiting");
      const drained = server.drain();
      const { retryInMs, reason } = await waiting;
      assert.ok(retryInMs > 0, reason);
      const promise = client.room("lobby").publish("while it is away");
      await drained;
      await server.start();
      assert.equal((await promise).offset, 1);
      await seen.until(1);
    });

    test("[TRANSPORT-41] a client that is turned away is closed with the server's words", async (t) => {
      const server = await new RealServer(t).start({
        authenticate: () => ({ code: "unauthenticated", message: "Sign in first." }),
      });
      const client = connect(t, server.url, { transport: transportTo(server.url) });
      await assert.rejects(client.room("lobby").publish("x"), { code: "unauthenticated" });
      assert.deepEqual(client.state, {
        kind: "closed",
        code: "unauthenticated",
        message: "Sign in first.",
      });
    });

    test("[TRANSPORT-41] a network that delays and cuts again and again, and a server that goes away, lose nothing and double nothing", async (t) => {
      const { server, proxy, base } = await setUp(t);
      proxy.delay(2);
      const writers = [1, 2].map(() => connect(t, base, { transport: transportTo(base) }));
      const reader = connect(t, base, { transport: transportTo(base) });
      const seen = collect(reader.room("lobby"));
      reader.room("lobby").on("lost", (lost) => assert.fail(JSON.stringify(lost)));
      reader.room("lobby").subscribe({ last: 500 });
      const promises: Promise<unknown>[] = [];
      for (let round = 0; round < 12; round++) {
        for (const [who, writer] of writers.entries()) {
          for (const n of range(20)) promises.push(writer.room("lobby").publish([who, round, n]));
        }
        // In the middle of it, at a moment that differs from round to round.
        await promises.at(-1 - round * 3);
        proxy.cutAll();
        if (round % 4 !== 3) continue;
        await server.stop();
        await server.start();
      }
      await Promise.all(promises);
      await seen.until(480);
      assert.deepEqual(seen.bodies, await server.bodies("lobby"));
      for (const who of writers.keys()) {
        const own = seen.bodies.filter((body) => (body as number[])[0] === who);
        assert.deepEqual(
          own,
          range(12).flatMap((round) => range(20).map((n) => [who, round - 1, n])),
        );
      }
    });
  });
}
