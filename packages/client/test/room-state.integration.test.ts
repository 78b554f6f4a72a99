import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { roomState, type RoomState, type Transport } from "../src/index.ts";
import { connect, RealServer, stateOf } from "./real-server.ts";
import { overHttp } from "./over-http.ts";

/** Fulfils when the state is like that, now or after a change. */
function until(state: RoomState, isSo: (values: ReadonlyMap<string, unknown>) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isSo(state.values)) return;
      stop();
      resolve();
    };
    const stop = state.on("change", look);
    look();
  });
}

const TRANSPORTS: Readonly<Record<string, (base: string) => Transport | undefined>> = {
  "the client's own choice": () => undefined,
  stream: (base) => overHttp("stream", base),
  poll: (base) => overHttp("poll", base),
};

for (const [kind, transport] of Object.entries(TRANSPORTS)) {
  describe(`a room's state over ${kind}`, () => {
    test("[CLIENT-70] two clients see each other's changes and removals, and go on after the server was away", async (t) => {
      const server = await new RealServer(t).start();
      const [ada, bob] = [1, 2].map(() => connect(t, server.url, { transport: transport(server.url) }));
      const [mine, theirs] = [ada, bob].map((client) => {
        const room = client?.room("prices");
        assert.ok(room !== undefined);
        room.subscribe();
        return roomState(room);
      });
      assert.ok(mine !== undefined && theirs !== undefined);
      await mine.set("AAPL", { bid: 1 });
      await mine.set("IBM", 2);
      for (const each of [mine, theirs]) await until(each, (values) => values.size === 2);
      assert.deepEqual(
        theirs.values,
        new Map<string, unknown>([
          ["AAPL", { bid: 1 }],
          ["IBM", 2],
        ]),
      );
      const changes: (readonly [string, unknown])[] = [];
      mine.on("change", (changed) => changes.push(...changed));
      await theirs.set("IBM", null);
      await until(mine, (values) => !values.has("IBM"));
      assert.deepEqual(changes, [["IBM", undefined]]);

      await server.stop();
      assert.equal(mine.values.size, 1, "what it had stays");
      const away = mine.set("away", 1);
      await server.start();
      await away;
      await until(theirs, (values) => values.has("away"));
      assert.deepEqual(
        theirs.values,
        new Map<string, unknown>([
          ["AAPL", { bid: 1 }],
          ["away", 1],
        ]),
      );
    });
  });
}

describe("setting a room's state", () => {
  test("[CLIENT-71] of several changes of one key that wait the newest is sent, and all fulfil with it", async (t) => {
    const server = await new RealServer(t).start();
    const room = connect(t, server.url).room("prices");
    const state = roomState(room);
    await state.set("a", -1);
    const results = await Promise.all(Array.from({ length: 50 }, (_, i) => state.set("a", i)));
    assert.ok(new Set(results.map(({ version }) => version)).size <= 2);
    assert.deepEqual(await server.parlor.room("prices").state(), new Map([["a", 49]]));
  });

  test("[CLIENT-71] a refused one rejects with its code, and a closed client takes none", async (t) => {
    const server = await new RealServer(t).start({
      authorize: ({ action }) => action !== "set" || { code: "forbidden", message: "Not you." },
    });
    const client = connect(t, server.url);
    const state = roomState(client.room("prices"));
    await assert.rejects(state.set("a", 1), { code: "forbidden", message: "Not you." });
    await assert.rejects(state.set("", 1), { code: "bad-frame" });
    await assert.rejects(state.set("a", NaN), { code: "bad-frame" });
    await server.stop();
    const open = state.set("a", 2);
    client.close();
    await assert.rejects(open, { code: "closed" });
    await assert.rejects(state.set("a", 3), { code: "closed" });
  });

  test("[CLIENT-70] a room that is subscribed to already, or whose server forgot its state, is told anew", async (t) => {
    const options = { volatileState: () => true };
    const server = await new RealServer(t).start(options);
    await server.parlor.room("prices").set("old", 1);
    const client = connect(t, server.url);
    const room = client.room("prices");
    const subscribed = new Promise((resolve) => room.on("subscribed", resolve));
    room.subscribe();
    await subscribed;
    const state = roomState(room);
    assert.equal(roomState(room), state);
    assert.equal(state.isKnown, false);
    await until(state, (values) => values.has("old"));
    assert.equal(state.isKnown, true);
    await server.stop();
    await stateOf(client, "waiting");
    await server.start(options);
    await server.parlor.room("prices").set("new", 2);
    await until(state, (values) => !values.has("old") && values.has("new"));
  });
});
