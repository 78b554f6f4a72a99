import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ServerFrame } from "@parlor/protocol";
import { FakeClock, until } from "@parlor/testkit";
import { answerFrames, exchange, helloFrame, postFrames, StreamReader, typesOf } from "./support/exchange.ts";
import { startParlor } from "./support/parlor-server.ts";
import { freshKey, Peer } from "./support/peer.ts";

const signal = (body: unknown, room = "lobby"): object => ({ type: "signal", room, body });
const subscribe = (signals: true | "batched" = true): object => ({
  type: "subscribe",
  room: "lobby",
  signals,
});

const bodies = (frames: readonly ServerFrame[]): unknown[] =>
  frames.flatMap((frame) => (frame.type === "signal" ? [frame.body] : []));

describe("signals over every transport", () => {
  test("[SIGNAL-11] a stream hears them, and a send says them, once and for all who listen, line breaks included (B44)", async (t) => {
    const { port, origin } = await startParlor(t);
    const socket = await Peer.join(t, port);
    await socket.subscribe("lobby", { signals: true });
    const stream = await StreamReader.open(t, origin, [helloFrame(), subscribe()]);
    await stream.next("welcome");
    await stream.next("subscribed");

    const answers = await exchange(origin, "send", helloFrame(), signal("by post"), { type: "ping" });
    assert.deepEqual(typesOf(answers), ["pong"], "a signal has no answer");
    assert.equal((await stream.next("signal")).body, "by post");
    assert.equal((await socket.next("signal")).body, "by post");

    socket.send(signal({ "a\nb": "\n\n" }));
    assert.deepEqual((await stream.next("signal")).body, { "a\nb": "\n\n" });
  });

  test("[SIGNAL-11] a page on a stream does not hear what it says by a send, whichever process takes it", async (t) => {
    const { port, origin } = await startParlor(t);
    const hello = helloFrame({ key: freshKey(), producer: "this-tab-1" });
    const stream = await StreamReader.open(t, origin, [hello, subscribe()]);
    await stream.next("welcome");
    await stream.next("subscribed");
    const other = await Peer.join(t, port);
    await other.subscribe("lobby", { signals: true });
    for (const body of ["one", "two"]) await exchange(origin, "send", hello, signal(body));
    assert.deepEqual([(await other.next("signal")).body, (await other.next("signal")).body], ["one", "two"]);
    other.send(signal("from the other"));
    assert.equal((await stream.next("signal")).body, "from the other");
  });

  test("[SIGNAL-11] a signal is news for a poll that waits, and ends it; between polls nothing is kept", async (t) => {
    const { parlor, port, origin } = await startParlor(t);
    const hello = helloFrame();
    const [subscribed] = await exchange(origin, "poll?wait=0", hello, subscribe());
    assert.equal(subscribed?.type, "subscribed");
    const speaker = await Peer.join(t, port);
    // Nobody polls: it is gone. What is heard by another is behind it on the way to all.
    const witness = await Peer.join(t, port);
    await witness.subscribe("lobby", { signals: true });
    // Over several nodes what is said in the first moments may not reach who has just subscribed; so it is said again.
    let isHeard = false;
    const hearing = witness.next("signal").finally(() => (isHeard = true));
    assert.ok(await until(() => (speaker.send(signal("between")), isHeard), 10_000));
    await hearing;
    speaker.send(signal("the last of them"));
    while ((await witness.next("signal")).body !== "the last of them");

    const waiting = postFrames(`${origin}/connect/poll?wait=20`, [hello, subscribe()]);
    // Until the poll listens nobody can know that it does; so it is said until it is heard.
    let isOver = false;
    const answer = waiting.then(answerFrames).finally(() => (isOver = true));
    assert.ok(await until(() => (parlor.room("lobby").signal("while it waits"), isOver), 10_000));
    const told = bodies(await answer);
    assert.ok(told.length >= 1 && told.every((body) => body === "while it waits"), JSON.stringify(told));
  });

  test("[SIGNAL-14] what is said between two polls is heard by the second, once, where it says what was heard", async (t) => {
    const { port, origin } = await startParlor(t);
    const [hello, other] = [helloFrame(), helloFrame()];
    const speaker = await Peer.join(t, port);
    const witness = await Peer.join(t, port);
    await witness.subscribe("lobby", { signals: true });
    const say = async (body: string): Promise<void> => {
      speaker.send(signal(body));
      await witness.next("signal");
    };
    const poll = async (who: object, heard?: string): Promise<[unknown[], string]> => {
      const frames = await exchange(origin, "poll?wait=0", who, { ...subscribe("batched"), heard });
      const last = frames.at(-1);
      assert.ok(last?.type === "signals" && last.signals.length === 0 && last.next !== undefined);
      const told = frames.flatMap((frame) => {
        if (frame.type === "signals") return frame.signals.map(({ body }) => body);
        return frame.type === "signal" ? [frame.body] : [];
      });
      return [told, last.next];
    };
    const [, mark] = await poll(hello);
    await say("one");
    const [, otherMark] = await poll(other);
    await say("two");
    const [told, next] = await poll(hello, mark);
    assert.deepEqual(told, ["one", "two"]);
    assert.deepEqual((await poll(other, otherMark))[0], ["two"]);
    assert.deepEqual((await poll(hello, next))[0], [], "nothing twice");
    assert.deepEqual((await poll(hello))[0], [], "who says nothing of it hears what comes");
  });

  test("[SIGNAL-11] on a stream and on a poll a signal is unknown-frame, and the sentence says where it goes", async (t) => {
    const { origin } = await startParlor(t);
    const [error] = await exchange(origin, "poll?wait=0", helloFrame(), signal(1));
    assert.ok(error?.type === "error");
    assert.deepEqual([error.code, error.to, error.room], ["unknown-frame", "signal", "lobby"]);
    assert.match(error.message, /\/connect\/send/);
  });

  test("[SIGNAL-11] each signal of a send that is refused has its error in its place", async (t) => {
    const { origin } = await startParlor(t, { maxBodyBytes: 20 });
    const answers = await exchange(
      origin,
      "send",
      helloFrame(),
      signal("x".repeat(30)),
      { type: "ping" },
      signal("fine"),
      signal(1, "@server"),
    );
    assert.deepEqual(
      answers.map((frame) => (frame.type === "error" ? frame.code : frame.type)),
      ["too-large", "pong", "forbidden"],
    );
  });

  test("[SIGNAL-12] sends of one identity share one rate, however many requests they come in, and each that is above it says so", async (t) => {
    const clock = new FakeClock();
    const { parlor, port, origin } = await startParlor(t, { signalsPerSecond: 3, clock });
    const peer = await Peer.join(t, port);
    await peer.subscribe("lobby", { signals: true });
    const hello = helloFrame();
    const send = async (...said: string[]): Promise<unknown[]> =>
      (await exchange(origin, "send", hello, ...said.map((body) => signal(body)))).map(
        (frame) => frame.type === "error" && [frame.code, frame.to],
      );
    const tooFast = ["rate-limited", "signal"];
    assert.deepEqual(await send("a", "b"), []);
    assert.deepEqual(await send("c", "dropped", "dropped"), [tooFast]);
    assert.deepEqual(await send("dropped"), [tooFast]);
    clock.advance(1_000);
    assert.deepEqual(await send("d"), []);
    parlor.room("lobby").signal("end");
    const told: unknown[] = [];
    while (told.at(-1) !== "end") told.push((await peer.next("signal")).body);
    assert.deepEqual(told, ["a", "b", "c", "d", "end"]);
  });
});
