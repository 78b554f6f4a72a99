import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryStorage, RacingSetUp, welcome, type RacingOptions } from "../../test/racing-set-up.ts";
import { WELCOME } from "../../test/set-up.ts";
import { ParlorClient } from "../index.ts";

/** A client whose race is loaded when the test says so. */
function loading(options: RacingOptions = {}) {
  const loads: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  const load = (): Promise<void> => new Promise((resolve, reject) => loads.push({ resolve, reject }));
  const setUp = new RacingSetUp({ ...options, load }).start();
  return { setUp, loads };
}

async function settled(setUp: RacingSetUp): Promise<void> {
  await setUp.clock.advanceAsync(0);
  await setUp.clock.advanceAsync(0);
}

describe("the race, loaded on demand", () => {
  test("[RACE-10] where the WebSocket is welcomed in time nothing is loaded", async () => {
    const { setUp, loads } = loading();
    setUp.clock.advance(200);
    welcome(setUp.websocket.last);
    await setUp.clock.advanceAsync(20_000);
    setUp.websocket.last.say({ type: "ping" });
    setUp.websocket.last.close();
    setUp.comeBack();
    assert.deepEqual([loads.length, ...setUp.opened], [0, 2, 0, 0]);
  });

  test("[RACE-10] loaded twice at a time, it is one", async () => {
    const { setUp, loads } = loading();
    setUp.websocket.last.close();
    setUp.clock.advance(10_000);
    setUp.comeBack();
    setUp.websocket.last.close();
    assert.equal(loads.length, 2);
    for (const { resolve } of [...loads].reverse()) resolve();
    await settled(setUp);
    welcome(setUp.stream.last);
    assert.equal(setUp.stands, "stream");
  });

  test("[RACE-10] a WebSocket that is late goes on, and is one of the runners", async () => {
    const { setUp, loads } = loading();
    setUp.websocket.last.open();
    setUp.clock.advance(250);
    assert.equal(loads.length, 1);
    loads[0]?.resolve();
    await settled(setUp);
    assert.deepEqual(setUp.opened, [1, 1, 0]);
    setUp.websocket.last.say(WELCOME);
    assert.equal(setUp.stands, "websocket");
    assert.equal(setUp.stream.last.isClosedByClient, true);
  });

  test("[RACE-10] a WebSocket that is welcomed while the race is loaded has won", async () => {
    const { setUp, loads } = loading();
    setUp.clock.advance(250);
    welcome(setUp.websocket.last);
    loads[0]?.resolve();
    await settled(setUp);
    assert.equal(setUp.stands, "websocket");
    assert.deepEqual(setUp.opened, [1, 0, 0]);
    setUp.websocket.last.close();
    setUp.comeBack();
    setUp.websocket.last.close();
    assert.deepEqual(setUp.opened, [2, 1, 0], "from now on it races");
  });

  test("[RACE-10] a WebSocket that fails makes the race load at once, and the stream start", async () => {
    const { setUp, loads } = loading();
    setUp.websocket.last.close();
    assert.equal(loads.length, 1);
    loads[0]?.resolve();
    await settled(setUp);
    assert.deepEqual(setUp.opened, [1, 1, 0]);
    setUp.stream.last.close({ reason: "fetch failed" });
    assert.match(setUp.reason, /tried WebSocket; event stream: fetch failed/);
  });

  test("[RACE-10] where the race can't be loaded the WebSocket remains, and a failed try says so in words", async () => {
    const { setUp, loads } = loading();
    setUp.websocket.last.close();
    loads[0]?.reject(new Error("no such file"));
    await settled(setUp);
    assert.match(setUp.reason, /the other ways could not be loaded: Error: no such file/);
    setUp.comeBack();
    setUp.clock.advance(250);
    loads[1]?.reject(new Error("no such file"));
    await settled(setUp);
    assert.equal(setUp.stands, "connecting", "it is late, not lost");
    welcome(setUp.websocket.last);
    assert.equal(setUp.stands, "websocket");
  });

  test("[RACE-10] one that must come by another way says why it can't be had", async () => {
    const { setUp, loads } = loading({ kinds: ["stream"] });
    assert.deepEqual(setUp.opened, [0, 0, 0]);
    loads[0]?.reject(new Error("no such file"));
    await settled(setUp);
    assert.match(setUp.reason, /could not be loaded/);
  });

  test("[RACE-3] what won the last time begins at once, and the WebSocket remains where that can't be loaded", async () => {
    const storage = new MemoryStorage();
    storage.kept.set("http://parlor.test", "stream 30");
    const { setUp, loads } = loading({ storage });
    assert.deepEqual([loads.length, ...setUp.opened], [1, 1, 0, 0]);
    loads[0]?.resolve();
    await settled(setUp);
    assert.deepEqual(setUp.opened, [1, 1, 0]);
    const other = loading({ storage });
    other.loads[0]?.reject(new Error("no such file"));
    await settled(other.setUp);
    assert.deepEqual(other.setUp.opened, [1, 0, 0]);
  });

  test("[RACE-8] a WebSocket that fell silent after its welcome is not the first any more", async () => {
    const { setUp, loads } = loading();
    welcome(setUp.websocket.last);
    setUp.clock.advance(50_000);
    setUp.comeBack();
    assert.equal(loads.length, 1);
    loads[0]?.resolve();
    await settled(setUp);
    assert.deepEqual(setUp.opened, [1, 1, 0]);
  });

  test("[RACE-8] one of which the server heard nothing is not the first any more", async () => {
    const { setUp, loads } = loading();
    welcome(setUp.websocket.last);
    setUp.clock.advance(37_000);
    setUp.websocket.last.close({ code: 4002, reason: "heartbeat" });
    setUp.comeBack();
    loads[0]?.resolve();
    await settled(setUp);
    assert.deepEqual(setUp.opened, [1, 1, 0]);
  });

  test("[RACE-8] one of which the server heard nothing is not the first any more, however much it brought", async () => {
    for (const [heartbeatMs, socketsUntilThen] of [
      [25_000, 1],
      [60_000, 2],
    ] as const) {
      const { setUp, loads } = loading();
      for (let sockets = 0; sockets < socketsUntilThen; sockets++) {
        setUp.websocket.last.open();
        setUp.websocket.last.say({ ...WELCOME, heartbeatMs });
        for (let beat = 0; beat < 15; beat++) {
          setUp.clock.advance(heartbeatMs / 10);
          setUp.websocket.last.say({ type: "ping" });
        }
        setUp.websocket.last.close({ code: 4002, reason: "heartbeat" });
        setUp.comeBack();
        loads.splice(0).forEach(({ resolve }) => resolve());
        await settled(setUp);
      }
      assert.deepEqual(setUp.opened, [socketsUntilThen, 1, 0], `${heartbeatMs} ms`);
    }
  });

  test("[RACE-8] a WebSocket that is cut right after its welcome makes the race load, which watches it", async () => {
    const { setUp, loads } = loading();
    for (let i = 0; i < 3; i++) {
      welcome(setUp.websocket.last);
      setUp.websocket.last.close();
      setUp.comeBack();
      loads.splice(0).forEach(({ resolve }) => resolve());
      await settled(setUp);
    }
    assert.deepEqual(setUp.opened, [3, 1, 0]);
  });

  test("[RACE-7] closed while the race is loaded, it opens nothing", async () => {
    const { setUp, loads } = loading();
    setUp.websocket.last.close();
    setUp.client.close();
    loads[0]?.resolve();
    await settled(setUp);
    assert.deepEqual(setUp.opened, [1, 0, 0]);
    assert.equal(setUp.clock.pendingCount, 0);
  });

  test("[RACE-5] the server's own close code before the welcome needs no other way", () => {
    const { setUp, loads } = loading();
    setUp.websocket.last.close({ code: 4500, reason: "Speak version 2." });
    assert.deepEqual(setUp.client.state, { kind: "closed", code: "version", message: "Speak version 2." });
    assert.equal(loads.length, 0);
  });

  test("[RACE-9] the transports are chosen by name, and wrong ones are refused in words", () => {
    for (const transports of [[], ["pigeon"]] as unknown as readonly "poll"[][]) {
      assert.throws(() => new ParlorClient("http://h/", { transports }), { code: "bad-option" });
    }
    new ParlorClient("http://h/", { transports: ["stream", "poll"] }).close();
  });
});
