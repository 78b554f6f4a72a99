import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryStorage, RacingSetUp, typesOf, welcome } from "../../test/racing-set-up.ts";
import { messages, subscribed, WELCOME } from "../../test/set-up.ts";

const ORIGIN = "http://parlor.test";

/** A client that talks over the stream, since its WebSocket says nothing. */
function overStream(storage = new MemoryStorage()): RacingSetUp {
  const setUp = new RacingSetUp({ storage }).start();
  setUp.clock.advance(250);
  welcome(setUp.stream.last);
  return setUp;
}

/** Lets the promises of a search settle, and runs what is due. */
async function pass(setUp: RacingSetUp, ms: number): Promise<void> {
  await setUp.clock.advanceAsync(ms);
  await setUp.clock.advanceAsync(0);
}

describe("a client over several transports", () => {
  test("[RACE-1] a WebSocket that is welcomed in time is alone", () => {
    const setUp = new RacingSetUp().start();
    setUp.clock.advance(249);
    assert.deepEqual(typesOf(welcome(setUp.websocket.last)), ["hello", "subscribe"]);
    assert.equal(setUp.stands, "websocket");
    setUp.clock.advance(20_000);
    assert.deepEqual(setUp.opened, [1, 0, 0]);
  });

  test("[RACE-1] behind an upgrade that is accepted and swallowed the stream starts beside it and wins, and the other is not heard", () => {
    const setUp = new RacingSetUp().start();
    setUp.websocket.last.open();
    setUp.clock.advance(250);
    assert.deepEqual(setUp.opened, [1, 1, 0]);
    welcome(setUp.stream.last);
    assert.equal(setUp.stands, "stream");
    assert.equal(setUp.websocket.last.isClosedByClient, true);
    setUp.stream.last.say(subscribed("a", 0), messages("a", 0, 1));
    assert.equal(setUp.client.room("a").cursor?.offset, 1);
  });

  test("[RACE-1] behind a proxy that buffers answers, too, the poll starts later and wins", () => {
    const setUp = new RacingSetUp().start();
    setUp.clock.advance(749);
    assert.deepEqual(setUp.opened, [1, 1, 0]);
    setUp.clock.advance(1);
    assert.deepEqual(setUp.opened, [1, 1, 1]);
    welcome(setUp.poll.last);
    assert.equal(setUp.stands, "poll");
  });

  test("[RACE-1] a blocked upgrade makes the stream start at once", () => {
    const setUp = new RacingSetUp().start();
    setUp.websocket.last.close();
    assert.deepEqual(setUp.opened, [1, 1, 0]);
    assert.equal(setUp.stands, "connecting");
  });

  test("[RACE-1] each candidate begins with the rooms as they are wanted when it begins, and none is left out", () => {
    const setUp = new RacingSetUp().start();
    setUp.websocket.last.open();
    setUp.client.room("b").subscribe({ last: 5 });
    setUp.clock.advance(250);
    setUp.stream.last.open();
    assert.deepEqual(
      [setUp.websocket.last, setUp.stream.last].map((far) => far.take().map(({ room }) => room)),
      [
        [undefined, "a"],
        [undefined, "a", "b"],
      ],
    );
    setUp.client.room("a").unsubscribe();
    setUp.websocket.last.say(WELCOME);
    assert.deepEqual(setUp.websocket.last.take(), [
      { type: "unsubscribe", room: "a" },
      { type: "subscribe", room: "b", last: 5 },
    ]);
  });

  test("[RACE-3] what won begins first the next time, also for the next client", () => {
    const storage = new MemoryStorage();
    const setUp = overStream(storage);
    setUp.stream.last.close();
    setUp.comeBack();
    assert.deepEqual(setUp.opened, [1, 2, 0]);
    assert.equal(storage.kept.get(ORIGIN)?.split(" ")[0], "stream");
    assert.deepEqual(new RacingSetUp({ storage }).start().opened, [0, 1, 0]);
  });

  test("[RACE-4] a server that is down gets two requests a try, and the reason says what was tried", () => {
    const setUp = new RacingSetUp().start();
    setUp.websocket.last.close();
    setUp.stream.last.close({ reason: "fetch failed" });
    assert.deepEqual(setUp.opened, [1, 1, 0]);
    assert.equal(
      setUp.reason,
      "The server could not be reached (tried WebSocket; event stream: fetch failed).",
    );
    for (let i = 0; i < 2; i++) {
      setUp.comeBack();
      setUp.websocket.last.close();
      setUp.stream.last.close({ reason: "fetch failed" });
    }
    assert.deepEqual(setUp.opened, [3, 3, 1], "the third try is thorough");
  });

  test("[RACE-5] where all accept and nobody answers, one sentence says so before the time for a try is over", () => {
    const setUp = new RacingSetUp().start();
    setUp.clock.advance(8_750);
    const each = ["WebSocket", "event stream", "long polling"].map((name) => `${name}: no answer`);
    assert.equal(setUp.reason, `The server could not be reached (tried ${each.join("; ")}).`);
    assert.equal(setUp.websocket.last.isClosedByClient, true);
  });

  test("[RACE-5] refusals that a browser hides at an upgrade are read from the stream", () => {
    const cases = [
      [{ code: "draining", message: "Restarting.", retryAfterMs: 1_500 }, "waiting", 1_500],
      [{ code: "forbidden", message: "Not you." }, "closed", undefined],
    ] as const;
    for (const [refusal, kind, retryInMs] of cases) {
      const setUp = new RacingSetUp().start();
      setUp.websocket.last.close();
      setUp.stream.last.close({ refusal });
      const { state } = setUp.client;
      assert.equal(state.kind, kind);
      if (state.kind === "waiting")
        assert.deepEqual([state.reason, state.retryInMs], ["Restarting.", retryInMs]);
      if (state.kind === "closed") assert.deepEqual([state.code, state.message], ["forbidden", "Not you."]);
      assert.equal(setUp.poll.connections.length, 0);
    }
  });

  test("[RACE-5] a hello that one of them sees refused is refused for all", () => {
    const setUp = new RacingSetUp().start();
    setUp.clock.advance(250);
    setUp.stream.last.open();
    setUp.stream.last.say({ type: "error", to: "hello", code: "unauthenticated", message: "Sign in." });
    assert.deepEqual(setUp.client.state, { kind: "closed", code: "unauthenticated", message: "Sign in." });
    assert.equal(setUp.websocket.last.isClosedByClient, true);
    assert.equal(setUp.stream.last.isClosedByClient, true);
    assert.equal(setUp.clock.pendingCount, 0);
  });

  test("[RACE-6] beside a lesser transport the better one is tried after some seconds, with a hello alone, and taken over on its welcome", async () => {
    const setUp = overStream();
    const room = setUp.client.room("a");
    setUp.stream.last.say(subscribed("a", 0), messages("a", 0, 1, 2));
    await pass(setUp, 2_999);
    assert.deepEqual(setUp.opened, [1, 1, 0]);
    await pass(setUp, 1);
    assert.deepEqual(setUp.opened, [2, 1, 0]);
    setUp.websocket.last.open();
    assert.deepEqual(typesOf(setUp.websocket.last.take()), ["hello"]);

    setUp.stream.last.say(messages("a", 2, 3));
    setUp.stream.last.take();
    const published = room.publish("on its way");
    assert.deepEqual(typesOf(setUp.stream.last.take()), ["publish"]);
    setUp.states.length = 0;
    setUp.websocket.last.say(WELCOME);
    assert.equal(setUp.stream.last.isClosedByClient, true);
    assert.deepEqual(
      setUp.states.map((state) => (state.kind === "open" ? state.transport : state.kind)),
      ["websocket"],
    );
    const said = setUp.websocket.last.take();
    assert.deepEqual(said[0], { type: "subscribe", room: "a", epoch: "e1", after: 3 });
    assert.deepEqual([said[1]?.["type"], said[1]?.["seq"], said.length], ["publish", 1, 2]);
    setUp.websocket.last.say({ type: "ack", room: "a", seq: 1, offset: 4, duplicate: true });
    assert.equal((await published).offset, 4);
    await pass(setUp, 20_000);
    assert.deepEqual(setUp.opened, [2, 1, 0], "there is nothing better to look for");
  });

  test("[RACE-6] pauses between such tries grow, to five minutes", async () => {
    const setUp = overStream();
    const triedAtMs: number[] = [];
    for (let passedMs = 0; passedMs < 1_500_000; passedMs += 1_000) {
      const before = setUp.websocket.connections.length;
      await pass(setUp, 1_000);
      setUp.stream.last.live();
      if (setUp.websocket.connections.length === before) continue;
      triedAtMs.push(passedMs + 1_000);
      setUp.websocket.last.close();
    }
    const pausesMs = triedAtMs.map((ms, i) => ms - (triedAtMs[i - 1] ?? 0));
    assert.deepEqual(pausesMs.slice(0, 6), [3_000, 6_000, 12_000, 24_000, 48_000, 96_000]);
    assert.equal(pausesMs.at(-1), 300_000);
    assert.equal(setUp.stands, "stream");
  });

  test("[RACE-6] one that accepts and says nothing is given up after 5 s, and then the next better one is tried", async () => {
    const setUp = new RacingSetUp().start();
    setUp.clock.advance(750);
    welcome(setUp.poll.last);
    await pass(setUp, 3_000);
    assert.deepEqual(setUp.opened, [2, 1, 1]);
    await pass(setUp, 5_000);
    assert.equal(setUp.websocket.last.isClosedByClient, true);
    assert.deepEqual(setUp.opened, [2, 2, 1]);
    welcome(setUp.stream.last);
    assert.equal(setUp.stands, "stream");
    assert.equal(setUp.poll.last.isClosedByClient, true);
    await pass(setUp, 3_000);
    assert.deepEqual(setUp.opened, [3, 2, 1], "the best one is still looked for");
  });

  test("[RACE-6] a fresh token is fetched for each such try, and one that fails harms nobody", async () => {
    let asked = 0;
    const token = async (): Promise<string> => {
      asked += 1;
      if (asked === 2) throw new Error("signed out");
      return `token-${asked}`;
    };
    const setUp = new RacingSetUp({ client: { token } }).start();
    await pass(setUp, 250);
    assert.equal(welcome(setUp.stream.last)[0]?.["token"], "token-1");
    await pass(setUp, 3_000);
    assert.deepEqual([asked, ...setUp.opened], [2, 1, 1, 0]);
    await pass(setUp, 6_000);
    setUp.websocket.last.open();
    assert.equal(setUp.websocket.last.take()[0]?.["token"], "token-3");
    assert.equal(setUp.stands, "stream");
  });

  test("[RACE-7] close releases every candidate, every try and every timer, at any moment", async () => {
    for (const stopAfterMs of [0, 250, 750, 2_000, 4_000, 6_000, 9_000]) {
      const setUp = new RacingSetUp().start();
      if (stopAfterMs > 1_000) {
        await pass(setUp, 1_000);
        welcome(setUp.poll.last);
      }
      await pass(setUp, stopAfterMs > 1_000 ? stopAfterMs - 1_000 : stopAfterMs);
      setUp.client.close();
      await pass(setUp, 0);
      assert.equal(setUp.clock.pendingCount, 0, `after ${stopAfterMs} ms`);
      for (const { connections } of [setUp.websocket, setUp.stream, setUp.poll]) {
        assert.ok(connections.every(({ isClosedByClient }) => isClosedByClient));
      }
      const before = setUp.opened;
      await pass(setUp, 60_000);
      assert.deepEqual(setUp.opened, before);
    }
  });

  test("[RACE-8] a WebSocket that falls silent after its welcome comes last for a while, one that was long alive does not", async () => {
    for (const isLongAlive of [false, true]) {
      const setUp = new RacingSetUp().start();
      welcome(setUp.websocket.last);
      for (let i = 0; isLongAlive && i < 3; i++) {
        await pass(setUp, 20_000);
        setUp.websocket.last.say({ type: "ping" });
      }
      await pass(setUp, 50_000);
      setUp.comeBack();
      assert.deepEqual(setUp.opened, isLongAlive ? [2, 0, 0] : [1, 1, 0]);
    }
  });

  test("[RACE-8] one of which the server heard nothing, or which is cut after a long silence, comes last, too", () => {
    for (const [afterMs, code] of [
      [37_000, 4002],
      [37_000, 1006],
    ] as const) {
      const setUp = new RacingSetUp().start();
      welcome(setUp.websocket.last);
      setUp.clock.advance(afterMs);
      setUp.websocket.last.close({ code });
      setUp.comeBack();
      assert.deepEqual(setUp.opened, [1, 1, 0], String(code));
    }
  });

  test("[RACE-8] one of which the server heard nothing comes last however much it brought, one that it heard does not", () => {
    for (const heartbeatMs of [25_000, 60_000]) {
      // The server waits one and a half heartbeats; who answered its first ping is closed another one later.
      for (const [beats, next] of [
        [1.5, [1, 1, 0]],
        [2.4, [2, 0, 0]],
      ] as const) {
        const setUp = new RacingSetUp().start();
        setUp.websocket.last.open();
        setUp.websocket.last.say({ ...WELCOME, heartbeatMs });
        for (let beat = 0; beat < beats; beat += 0.1) {
          setUp.clock.advance(heartbeatMs / 10);
          setUp.websocket.last.say({ type: "ping" });
        }
        setUp.websocket.last.close({ code: 4002 });
        setUp.comeBack();
        assert.deepEqual(setUp.opened, next, `${beats} of ${heartbeatMs} ms`);
      }
    }
  });

  test("[RACE-8] a stream that something holds back in the middle of an event comes last, however long it was alive", async () => {
    const setUp = new RacingSetUp().start();
    setUp.websocket.last.close();
    await pass(setUp, 0);
    welcome(setUp.stream.last);
    for (let s = 0; s < 40; s += 20) {
      await pass(setUp, 20_000);
      setUp.stream.last.say({ type: "ping" });
    }
    await pass(setUp, 4_000);
    setUp.stream.last.close({ isHeld: true });
    setUp.comeBack();
    setUp.websocket.last.close();
    await pass(setUp, 0);
    assert.deepEqual(setUp.opened.slice(1), [1, 1]);
  });

  test("[RACE-8] a WebSocket that is cut right after its welcome again and again makes room for the stream", () => {
    const setUp = new RacingSetUp().start();
    for (let i = 0; i < 2; i++) {
      welcome(setUp.websocket.last);
      setUp.websocket.last.close();
      setUp.comeBack();
    }
    assert.deepEqual(setUp.opened, [2, 1, 0]);
  });

  test("[RACE-9] one transport alone is the only one", () => {
    const setUp = new RacingSetUp({ kinds: ["poll"] }).start();
    setUp.clock.advance(7_000);
    assert.deepEqual(setUp.opened, [0, 0, 1]);
    welcome(setUp.poll.last);
    assert.equal(setUp.stands, "poll");
  });
});
