import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { replaysPosts, startProxy, type Replay } from "@parlor/testkit";
import type { TransportKind } from "../src/index.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";

const PUBLISHES = 40;

/** A server behind a proxy that sends each POST to it twice. */
async function behind(t: TestContext, replay: Replay) {
  const server = await new RealServer(t).start();
  const fault = replaysPosts(replay);
  const proxy = await startProxy({ upstreamPort: server.port, faults: [fault] });
  t.after(() => proxy.close());
  return { server, fault, url: `http://127.0.0.1:${proxy.port}/` };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

for (const replay of ["first", "second", "at-once"] as const) {
  describe(`a proxy that replays POSTs (${replay})`, { timeout: 60_000 }, () => {
    for (const kind of ["stream", "poll"] as const satisfies readonly TransportKind[]) {
      test(`[ONCE-1] [ONCE-55] over the ${kind}, each publish is stored once and seen once, in order`, async (t) => {
        const { server, fault, url } = await behind(t, replay);
        const client = connect(t, url, { transports: [kind] });
        const room = client.room("lobby");
        const seen = collect(room);
        room.on("lost", (lost) => assert.fail(JSON.stringify(lost)));
        room.subscribe({ last: 500 });
        await stateOf(client, "open");
        const before = fault.replayCount;
        const burst = range(PUBLISHES / 2).map((n) => room.publish(n));
        const published = await Promise.all(burst);
        for (const n of range(PUBLISHES / 2)) published.push(await room.publish(PUBLISHES / 2 + n));
        await seen.until(PUBLISHES);
        assert.deepEqual(await server.bodies("lobby"), range(PUBLISHES));
        assert.deepEqual(seen.bodies, range(PUBLISHES));
        // Of a duplicate that is not the newest the server does not know the offset any more.
        for (const [n, { offset }] of published.entries()) assert.ok([n + 1, null].includes(offset));
        assert.ok(fault.replayCount - before > PUBLISHES / 2, `${fault.replayCount} replays`);
      });
    }

    test("[ONCE-1] [REST-59] over REST, what has an Idempotency-Key is stored once; what nothing names is stored as often as it comes", async (t) => {
      const { server, fault, url } = await behind(t, replay);
      const post = async (body: string, headers: Record<string, string>): Promise<number> => {
        const answer = await fetch(`${url}rooms/lobby/messages`, { method: "POST", body, headers });
        assert.equal(answer.status, 201);
        return ((await answer.json()) as { offset: number }).offset;
      };
      const json = { "content-type": "application/json" };
      for (const n of range(10)) {
        assert.equal(await post(String(n), { ...json, "idempotency-key": `order ${n}` }), n + 1);
      }
      assert.deepEqual(await server.bodies("lobby"), range(10));
      assert.equal(fault.replayCount, 10);
      const reader = connect(t, server.url, { transports: ["websocket"] }).room("lobby");
      const seen = collect(reader);
      reader.subscribe({ last: 20 });
      await post('"nameless"', json);
      await seen.until(12);
      assert.deepEqual((await server.bodies("lobby")).slice(10), ["nameless", "nameless"]);
    });
  });
}
