import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { ServerFrame } from "@parlor/protocol";
import type { AuthorizeQuestion } from "@parlor/server";
import { until } from "@parlor/testkit";
import { startParlor, type RunningParlor } from "./support/parlor-server.ts";
import { freshKey, Peer } from "./support/peer.ts";

/** So long that only what the server says ends it: no test waits for it. */
const LONG_TICK_MS = 60_000;

const signal = (body: unknown, room = "lobby"): object => ({ type: "signal", room, body });

/** A peer that hears the signals of the lobby. */
async function listener(
  t: TestContext,
  { port }: RunningParlor,
  hello: { key?: string; producer?: string } = {},
  signals: true | "batched" = true,
): Promise<Peer> {
  const peer = await Peer.join(t, port, hello);
  await peer.subscribe("lobby", { signals });
  return peer;
}

/** The signals in the next frames, until there are so many. */
async function heard(peer: Peer, count: number): Promise<{ from: string; body: unknown }[]> {
  const signals: { from: string; body: unknown }[] = [];
  while (signals.length < count) signals.push(...signalsIn([await peer.any()]));
  return signals;
}

function signalsIn(frames: readonly ServerFrame[]): { from: string; body: unknown }[] {
  return frames.flatMap((frame) => {
    if (frame.type === "signals") return frame.signals;
    return frame.type === "signal" ? [{ from: frame.from, body: frame.body }] : [];
  });
}

async function metric({ origin }: RunningParlor, name: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
}

describe("signals", () => {
  test("[SIGNAL-1] a signal reaches everybody who asked for them, with who says it; who did not ask, or comes later, hears nothing, and nothing is stored", async (t) => {
    const server = await startParlor(t);
    const speaker = await Peer.join(t, server.port);
    const [one, other] = [await listener(t, server), await listener(t, server)];
    const deaf = await Peer.join(t, server.port);
    await deaf.subscribe("lobby");

    speaker.send(signal({ typing: true }));
    for (const peer of [one, other]) {
      const frame = await peer.next("signal");
      assert.deepEqual(frame, {
        type: "signal",
        room: "lobby",
        from: speaker.identity,
        body: { typing: true },
      });
    }
    const late = await listener(t, server);
    // What everybody hears afterwards is the message alone.
    await server.parlor.room("lobby").publish("hello");
    for (const peer of [one, other, deaf, late]) {
      const { messages } = await peer.next("messages");
      assert.deepEqual(
        messages.map(({ body }) => body),
        ["hello"],
      );
    }
    assert.equal((await server.log.head("lobby")).head, 1);
  });

  test("[SIGNAL-2] its sender does not hear it, and another page of the same identity does", async (t) => {
    const server = await startParlor(t);
    const key = freshKey();
    const [tab, otherTab] = [
      await listener(t, server, { key, producer: "producer-a" }),
      await listener(t, server, { key, producer: "producer-b" }),
    ];
    assert.equal(tab.identity, otherTab.identity);
    tab.send(signal("mine"));
    assert.deepEqual(await heard(otherTab, 1), [{ from: tab.identity, body: "mine" }]);
    otherTab.send(signal("yours"));
    assert.deepEqual(await heard(tab, 1), [{ from: tab.identity, body: "yours" }]);
  });

  test("[SIGNAL-2] nor does it in a frame that holds several, in either form", async (t) => {
    const server = await startParlor(t, { signalTick: () => 60 });
    const plain = await listener(t, server);
    const batched = await listener(t, server, {}, "batched");
    const [first, second] = [await Peer.join(t, server.port), await Peer.join(t, server.port)];
    first.send(signal(0));
    await Promise.all([heard(plain, 1), heard(batched, 1)]);
    // Within one tick: all four say something.
    for (const peer of [first, second, plain, batched]) peer.send(signal(peer.identity));
    const [toPlain, toBatched] = await Promise.all([heard(plain, 3), heard(batched, 3)]);
    const froms = (signals: readonly { from: string }[]): Set<string> =>
      new Set(signals.map(({ from }) => from));
    assert.deepEqual(froms(toPlain), new Set([first.identity, second.identity, batched.identity]));
    assert.deepEqual(froms(toBatched), new Set([first.identity, second.identity, plain.identity]));
  });

  test("[SIGNAL-3] what one sender says arrives in its order", async (t) => {
    const server = await startParlor(t);
    const [plain, batched] = [await listener(t, server), await listener(t, server, {}, "batched")];
    const speaker = await Peer.join(t, server.port);
    const bodies = Array.from({ length: 90 }, (_, index) => ({ index }));
    speaker.send(...bodies.map((body) => signal(body)));
    for (const peer of [plain, batched]) {
      assert.deepEqual(
        (await heard(peer, bodies.length)).map(({ body }) => body),
        bodies,
      );
    }
  });

  test("[SIGNAL-3] also where the host's hook takes longer over the first than over the second", async (t) => {
    const held: (() => void)[] = [];
    const server = await startParlor(t, {
      authorize: ({ action, body }) =>
        action !== "signal" || body !== "slow"
          ? true
          : new Promise((resolve) => held.push(() => resolve(true))),
    });
    const peer = await listener(t, server);
    const speaker = await Peer.join(t, server.port);
    speaker.send(signal("slow"), signal("quick"));
    await speaker.untilPong();
    for (const letGo of held) letGo();
    assert.deepEqual(
      (await heard(peer, 2)).map(({ body }) => body),
      ["slow", "quick"],
    );
  });

  test("[SIGNAL-4] the host is asked for each, with its body; a refusal is an error in words, and the connection lives on (O13)", async (t) => {
    const asked: AuthorizeQuestion[] = [];
    const server = await startParlor(t, {
      authorize: (question) => {
        if (question.action !== "signal") return true;
        asked.push(question);
        return question.body === "yes" ? true : { code: "forbidden", message: "Not today." };
      },
    });
    const peer = await listener(t, server);
    const speaker = await Peer.join(t, server.port);
    const error = await speaker.errorTo(JSON.stringify(signal("no")));
    assert.deepEqual(error, {
      type: "error",
      to: "signal",
      room: "lobby",
      code: "forbidden",
      message: "Not today.",
    });
    speaker.send(signal("yes"));
    assert.deepEqual(await heard(peer, 1), [{ from: speaker.identity, body: "yes" }]);
    assert.deepEqual(
      asked.map(({ identity, room, body }) => [identity, room, body]),
      [
        [speaker.identity, "lobby", "no"],
        [speaker.identity, "lobby", "yes"],
      ],
    );
  });

  test("[SIGNAL-4] a body above maxBodyBytes, a room of the server's and a name that is none are refused in words", async (t) => {
    const server = await startParlor(t, { maxBodyBytes: 100 });
    const peer = await listener(t, server);
    const speaker = await Peer.join(t, server.port);
    const codeOf = async (frame: object): Promise<string> =>
      (await speaker.errorTo(JSON.stringify(frame))).code;
    assert.equal(await codeOf(signal("x".repeat(99))), "too-large");
    assert.equal(await codeOf(signal(1, `@${speaker.identity}`)), "forbidden");
    assert.equal(await codeOf(signal(1, "..")), "bad-room");
    speaker.send(signal("x".repeat(98)));
    assert.equal((await heard(peer, 1)).length, 1);
  });

  test("[SIGNAL-5] what comes faster than the rate is dropped and counted, and said so once (O16)", async (t) => {
    const server = await startParlor(t, { signalsPerSecond: 5 });
    const peer = await listener(t, server);
    const speaker = await Peer.knock(t, server.port);
    const { limits } = await speaker.hello({ key: freshKey() });
    assert.equal(limits.signalsPerSecond, 5);
    speaker.send(...Array.from({ length: 40 }, (_, index) => signal(index)));
    const answers = await speaker.untilPong();
    assert.deepEqual(
      answers.map(
        (frame) => frame.type === "error" && [frame.code, frame.to, frame.room, frame.retryAfterMs],
      ),
      [["rate-limited", "signal", "lobby", 1_000]],
    );
    const told = await heard(peer, 5);
    assert.deepEqual(
      told.map(({ body }) => body),
      [0, 1, 2, 3, 4],
    );
    assert.ok((await metric(server, "parlor_signals_dropped_total")) >= 34);
  });

  test("[SIGNAL-5] a body counts once for each 4 KiB of it", async (t) => {
    const server = await startParlor(t, { signalsPerSecond: 5 });
    const peer = await listener(t, server);
    const speaker = await Peer.join(t, server.port);
    speaker.send(signal("x".repeat(14_000)), signal("small"), signal("too much"));
    const answers = await speaker.untilPong();
    assert.deepEqual(
      answers.map((frame) => frame.type === "error" && frame.code),
      ["rate-limited"],
    );
    assert.deepEqual(
      (await heard(peer, 2)).map(({ body }) => String(body).length),
      [14_000, 5],
    );
  });

  test("[SIGNAL-6] a peer that takes nothing is told no more than 64 KiB that wait, what it misses is counted, and the others miss nothing (O22)", async (t) => {
    const server = await startParlor(t);
    const [stalled, quick] = [await listener(t, server), await listener(t, server)];
    stalled.socket.webSocket.pause();
    const room = server.parlor.room("lobby");
    const large = "x".repeat(60_000);
    let said = 0;
    while ((await metric(server, "parlor_signals_dropped_total")) < 20) {
      room.signal(large);
      said += 1;
      await heard(quick, 1);
    }
    assert.ok((await metric(server, "parlor_send_buffer_bytes")) < 65_536 + 61_000);
    stalled.socket.webSocket.resume();
    await room.publish("the end");
    let told = 0;
    for (let frame = await stalled.any(); frame.type !== "messages"; frame = await stalled.any()) {
      told += signalsIn([frame]).length;
    }
    assert.equal(told + (await metric(server, "parlor_signals_dropped_total")), said);
  });

  test("[SIGNAL-7] who asked for batches gets what comes at once in one frame, and one alone as `signal`", async (t) => {
    const server = await startParlor(t, { signalTick: () => LONG_TICK_MS });
    const peer = await listener(t, server, {}, "batched");
    const speaker = await Peer.join(t, server.port);
    speaker.send(signal(0));
    assert.deepEqual(await peer.next("signal"), {
      type: "signal",
      room: "lobby",
      from: speaker.identity,
      body: 0,
    });
    speaker.send(signal(1));
    await speaker.untilPong();
    server.parlor.room("lobby").signal(2);
    assert.deepEqual(await peer.next("signals"), {
      type: "signals",
      room: "lobby",
      signals: [
        { from: speaker.identity, body: 1 },
        { from: "@server", body: 2 },
      ],
    });
  });

  test("[SIGNAL-8] under a tick a signal after a pause goes at once, and then the next frame holds the newest of each identity, those left out counted", async (t) => {
    const server = await startParlor(t, {
      signalTick: () => ({ everyMs: LONG_TICK_MS, newestPerIdentity: 2 }),
    });
    const peer = await listener(t, server, {}, "batched");
    const [one, other] = [await Peer.join(t, server.port), await Peer.join(t, server.port)];
    one.send(signal("first"));
    await peer.next("signal");
    one.send(...[1, 2, 3, 4].map((body) => signal(body)));
    await one.untilPong();
    other.send(signal("other"));
    await other.untilPong();
    server.parlor.room("lobby").signal("end");
    const { signals } = await peer.next("signals");
    assert.deepEqual(signals, [
      { from: one.identity, body: 3 },
      { from: one.identity, body: 4 },
      { from: other.identity, body: "other" },
      { from: "@server", body: "end" },
    ]);
    assert.equal(await metric(server, "parlor_signals_thinned_total"), 2);
  });

  test("[SIGNAL-8] what the server says does not wait for the tick, and what has gathered goes along", async (t) => {
    const server = await startParlor(t, { signalTick: () => LONG_TICK_MS });
    const peer = await listener(t, server, {}, "batched");
    const speaker = await Peer.join(t, server.port);
    speaker.send(signal("first"));
    await peer.next("signal");
    speaker.send(signal("waits"));
    await speaker.untilPong();
    server.parlor.room("lobby").signal("now");
    assert.deepEqual(await heard(peer, 2), [
      { from: speaker.identity, body: "waits" },
      { from: "@server", body: "now" },
    ]);
  });

  test("[SIGNAL-8] a tick that the host can't mean is told to its logger, and the room's signals go at once", async (t) => {
    const warnings: string[] = [];
    const logger = { info() {}, warn: (sentence: string) => void warnings.push(sentence), error() {} };
    const server = await startParlor(t, { signalTick: () => 1, logger });
    const peer = await listener(t, server);
    server.parlor.room("lobby").signal(1);
    await heard(peer, 1);
    assert.match(warnings.join(), /signalTick/);
  });

  test("[SIGNAL-10] the host's code hears what people say, with who says it, and not what it says itself", async (t) => {
    const server = await startParlor(t);
    const room = server.parlor.room("lobby");
    const peer = await listener(t, server);
    const said: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const listening = await room.onSignal((heardOne) => {
      said.push(heardOne);
      resolve();
    });
    room.signal({ world: 1 });
    assert.deepEqual(await heard(peer, 1), [{ from: "@server", body: { world: 1 } }]);
    peer.send(signal({ left: true }));
    await promise;
    assert.deepEqual(said, [{ from: peer.identity, body: { left: true } }]);
    listening.close();
    listening.close();
    peer.send(signal("after"));
    await peer.untilPong();
    assert.equal(said.length, 1);
  });

  test("[SIGNAL-10] a listener of the host's that throws is told to the logger, and nobody else notices", async (t) => {
    const errors: string[] = [];
    const logger = { info() {}, warn() {}, error: (sentence: string) => void errors.push(sentence) };
    const server = await startParlor(t, { logger });
    await server.parlor.room("lobby").onSignal(({ body }) => {
      assert.equal((body as { keys: string[] }).keys.length, 1);
    });
    const peer = await listener(t, server);
    const speaker = await Peer.join(t, server.port);
    speaker.send(signal("no keys"), signal({ keys: ["left"] }));
    assert.deepEqual(
      (await heard(peer, 2)).map(({ body }) => body),
      ["no keys", { keys: ["left"] }],
    );
    assert.ok(await until(() => errors.length > 0, 10_000));
    assert.deepEqual(errors, ["A listener of signals threw."]);
    assert.deepEqual(await speaker.untilPong(), []);
  });

  test("[SIGNAL-10] what JSON can't say, and what is too large, the host's code is told by an error", async (t) => {
    const { parlor } = await startParlor(t, { maxBodyBytes: 10 });
    assert.throws(() => parlor.room("lobby").signal(undefined), { code: "bad-frame" });
    assert.throws(() => parlor.room("lobby").signal("x".repeat(20)), { code: "too-large" });
  });

  test("[SIGNAL-10] the server speaks into the private room of an identity, which only that one hears", async (t) => {
    const server = await startParlor(t);
    const peer = await Peer.join(t, server.port);
    await peer.subscribe(`@${peer.identity}`, { signals: true });
    server.parlor.room(`@${peer.identity}`).signal("for you");
    assert.deepEqual(await heard(peer, 1), [{ from: "@server", body: "for you" }]);
  });

  test("[SIGNAL-13] with the subscription the signals end: unsubscribed, subscribed again without, a right withdrawn", async (t) => {
    let isAllowed = true;
    const server = await startParlor(t, { authorize: ({ action }) => action !== "subscribe" || isAllowed });
    const [left, changed, expelled] = [
      await listener(t, server),
      await listener(t, server),
      await listener(t, server),
    ];
    left.send({ type: "unsubscribe", room: "lobby" });
    await left.next("unsubscribed");
    await changed.subscribe("lobby");
    const stays = await listener(t, server);
    isAllowed = false;
    server.parlor.recheck({ identity: expelled.identity });
    await expelled.next("unsubscribed");

    server.parlor.room("lobby").signal("hello");
    await heard(stays, 1);
    // The same turn wrote to everybody who still listens.
    for (const peer of [left, changed, expelled]) assert.deepEqual(signalsIn(await peer.untilPong()), []);
  });
});
