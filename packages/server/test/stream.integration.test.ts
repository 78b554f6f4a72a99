import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, RawSocketPeer } from "@parlor/testkit";
import { exchange, frameBody, helloFrame, postFrames, StreamReader } from "./support/exchange.ts";
import { HeldLog } from "./support/held-log.ts";
import { freshKey, Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertAnswers } from "./support/rest.ts";
import { within } from "./support/within.ts";

const subscribe = (room: string, members: object = {}): object => ({ type: "subscribe", room, ...members });

async function gauge(origin: string, name: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`parlor_${name} `));
  return Number(line?.split(" ").at(-1));
}

/** Waits until a metric has a value, without a pause of its own: each look is an exchange with the server. */
async function until(origin: string, name: string, value: number): Promise<void> {
  const look = async (): Promise<void> => {
    while ((await gauge(origin, name)) !== value);
  };
  await within(look(), `${name} to be ${value}`);
}

describe("a stream", () => {
  test("[STREAM-1] is the full protocol downward: welcome, subscribed, what was missed, then what comes", async (t) => {
    const { parlor, origin } = await startParlor(t);
    for (const body of ["one", "two", "three"]) await parlor.room("lobby").publish(body);
    const stream = await StreamReader.open(t, origin, [helloFrame(), subscribe("lobby", { after: 1 })]);
    assert.equal(stream.response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert.equal(stream.response.headers.get("cache-control"), "no-store, no-transform");
    assert.equal(stream.response.headers.get("x-accel-buffering"), "no");
    assert.equal((await stream.next("welcome")).limits.maxRooms, 200);
    const first = await stream.next("subscribed");
    assert.deepEqual([first.room, first.after, first.head, first.lost], ["lobby", 1, 3, null]);
    const missed = await stream.next("messages");
    assert.deepEqual([missed.after, missed.messages.map((message) => message.body)], [1, ["two", "three"]]);
    await parlor.room("lobby").publish({ a: "line\nbreak \u2028 and\r\n\r\ndata: forged" });
    const live = await stream.next("messages");
    assert.deepEqual(live.messages[0]?.body, { a: "line\nbreak \u2028 and\r\n\r\ndata: forged" });
  });

  test("[STREAM-2] begins at once, with a comment of two kilobytes that carries the first frames through what gathers", async (t) => {
    const { origin } = await startParlor(t);
    const stream = await StreamReader.open(t, origin, [helloFrame()]);
    assert.ok((await stream.comments.next()).length >= 2_048);
    await stream.next("welcome");
  });

  test("[STREAM-3] what asks for more than a subscription is told where it belongs, and the rest goes on", async (t) => {
    const { origin, log } = await startParlor(t);
    const stream = await StreamReader.open(t, origin, [
      helloFrame(),
      { type: "publish", room: "lobby", seq: 1, body: "x" },
      { type: "history", id: 3, room: "lobby" },
      { type: "set", room: "lobby", key: "k", value: 1 },
      "no JSON",
      '{"type":"publish","seq":0}',
      { type: "dance" },
      subscribe(".."),
      { type: "ping" },
      subscribe("lobby"),
    ]);
    await stream.next("welcome");
    const errors = [];
    for (let i = 0; i < 7; i++) errors.push(await stream.next("error"));
    assert.deepEqual(
      errors.map(({ to, room, seq, id, key, code }) => [to, room, seq ?? id ?? key, code]),
      [
        ["publish", "lobby", 1, "unknown-frame"],
        ["history", "lobby", 3, "unknown-frame"],
        ["set", "lobby", "k", "unknown-frame"],
        [undefined, undefined, undefined, "bad-frame"],
        ["publish", undefined, 0, "unknown-frame"],
        ["dance", undefined, undefined, "unknown-frame"],
        ["subscribe", "..", undefined, "bad-room"],
      ],
    );
    assert.match(errors[0]?.message ?? "", /\/connect\/send/);
    await stream.next("pong");
    await stream.next("subscribed");
    assert.equal((await log.head("lobby")).head, 0);
  });

  test("[STREAM-4] a page that left frees everything; one that comes back with its cursor misses nothing", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const key = freshKey();
    const room = parlor.room("lobby");
    let [cursor, epoch] = [0, ""];
    for (let round = 0; round < 5; round++) {
      const stream = await StreamReader.open(t, origin, [
        helloFrame({ key }),
        subscribe("lobby", epoch === "" ? { last: 0 } : { after: cursor, epoch }),
      ]);
      await stream.next("welcome");
      const start = await stream.next("subscribed");
      assert.equal(start.after, cursor);
      epoch = start.epoch;
      await room.publish(round);
      while (cursor < 2 * round + 1) {
        const { after, messages } = await stream.next("messages");
        assert.equal(after, cursor);
        cursor = messages.at(-1)?.offset ?? 0;
      }
      stream.cut();
      await until(origin, 'connections{transport="stream"}', 0);
      await until(origin, "rooms_open", 0);
      await room.publish("while it was away");
    }
    assert.equal(await gauge(origin, 'connections_opened_total{transport="stream"}'), 5);
  });

  test("[STREAM-5] a slow reader is a cursor: it costs little, delays nobody, and gets everything once", async (t) => {
    const { parlor, origin, port } = await startParlor(t, { sendBufferBytes: 65_536 });
    using slow = await RawSocketPeer.connect({ port });
    const body = frameBody([helloFrame(), subscribe("lobby")]);
    slow.write(
      `POST /connect/stream HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    assert.equal((await slow.readResponse()).status, 200);
    slow.pause();
    const quick = await StreamReader.open(t, origin, [helloFrame(), subscribe("lobby")]);
    await quick.next("welcome");
    await quick.next("subscribed");
    const count = 300;
    for (let i = 1; i <= count; i++) {
      await parlor.room("lobby").publish(`${i}`.padEnd(40_000));
      assert.equal((await quick.next("messages")).messages.at(-1)?.offset, i);
    }
    assert.equal(await gauge(origin, "slow_readers"), 1);
    const waiting = await gauge(origin, "send_buffer_bytes");
    assert.ok(waiting <= 65_536 + 2 * 65_536, `${waiting} bytes wait for it`);
    slow.resume();
    const offsets: number[] = [];
    let text = "";
    while (offsets.at(-1) !== count) {
      text += (await slow.readBytes(Math.max(1, slow.receivedBytes))).toString("latin1");
      const events = text.split("\n\n");
      text = events.pop() as string;
      // Without a chunk's framing, since HTTP/1.0 has none.
      for (const [, offset] of events.join().matchAll(/\{"offset":(\d+),/g)) offsets.push(Number(offset));
    }
    assert.deepEqual(
      offsets,
      Array.from({ length: count }, (_, i) => i + 1),
    );
  });

  test("[STREAM-6] comments keep it alive; one that takes nothing for two heartbeats is cut", async (t) => {
    const clock = new FakeClock();
    const { parlor, origin, port } = await startParlor(t, { clock, heartbeatMs: 10_000 });
    const stream = await StreamReader.open(t, origin, [helloFrame()]);
    await stream.comments.next();
    for (let i = 0; i < 4; i++) {
      await clock.advanceAsync(13_000);
      assert.match(await stream.comments.next(), /still here/);
    }
    using stuck = await RawSocketPeer.connect({ port });
    const body = frameBody([helloFrame(), subscribe("lobby")]);
    stuck.write(
      `POST /connect/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await stuck.readResponse();
    stuck.pause();
    for (let i = 0; i < 200; i++) await parlor.room("lobby").publish("x".repeat(60_000));
    await clock.advanceAsync(25_000);
    stuck.resume();
    await stuck.closed();
    assert.equal(await gauge(origin, "slow_closes_total"), 1);
    await clock.advanceAsync(1_000);
    assert.equal(await gauge(origin, 'connections{transport="stream"}'), 1);
  });

  test("[STREAM-7] a token's end is told as `expired` and ends it; a right withdrawn ends its subscription", async (t) => {
    const clock = new FakeClock();
    let isAllowed = true;
    const { parlor, origin } = await startParlor(t, {
      clock,
      authenticate: () => ({ identity: "ada", expiresAt: clock.now() + 60_000 }),
      authorize: ({ action }) => action !== "subscribe" || isAllowed,
    });
    const stream = await StreamReader.open(t, origin, [helloFrame({ token: "t" }), subscribe("lobby")]);
    assert.equal((await stream.next("welcome")).expiresInMs, 60_000);
    await stream.next("subscribed");
    isAllowed = false;
    parlor.recheck({ identity: "ada" });
    assert.equal((await stream.next("unsubscribed")).code, "forbidden");
    await parlor.room("lobby").publish("not for her");
    await clock.advanceAsync(62_000);
    const error = await stream.next("error");
    assert.deepEqual([error.code, error.to], ["expired", "hello"]);
    await within(stream.ended, "the end of the stream");
  });

  test("[STREAM-8] when the server stops it gets `bye` with its own time to return, and ends whole", async (t) => {
    const clock = new FakeClock();
    const { parlor, origin } = await startParlor(t, { clock });
    const stream = await StreamReader.open(t, origin, [helloFrame(), subscribe("lobby")]);
    await stream.next("welcome");
    await stream.next("subscribed");
    const drained = parlor.drain();
    await clock.advanceAsync(10);
    const bye = await stream.next("bye");
    assert.equal(bye.code, "draining");
    assert.ok((bye.retryAfterMs ?? 0) >= 500);
    await within(stream.ended, "the end of the stream");
    for (let ms = 0; ms < 4_000; ms += 100) await clock.advanceAsync(100);
    await within(drained, "the end of the drain");
  });

  test("[STREAM-9] counts as a connection of its address, beside every other kind", async (t) => {
    const { origin, port } = await startParlor(t, { connectionsPerAddress: 2 });
    await Peer.join(t, port);
    const stream = await StreamReader.open(t, origin, [helloFrame()]);
    await stream.next("welcome");
    for (const path of ["stream", "poll"]) {
      const refused = await postFrames(`${origin}/connect/${path}`, [helloFrame()]);
      assert.match(refused.headers.get("retry-after") ?? "", /^[1-9]/);
      await assertAnswers(refused, 429, "too-many-connections");
    }
    stream.cut();
    await until(origin, 'connections{transport="stream"}', 0);
    await exchange(origin, "poll?wait=0", helloFrame());
  });

  test("[STREAM-10] takes `maxRooms` subscriptions, and twice as many frames", async (t) => {
    const { origin } = await startParlor(t, { maxRooms: 3 });
    const rooms = Array.from({ length: 9 }, (_, i) => subscribe(`room ${i}`));
    const stream = await StreamReader.open(t, origin, [helloFrame(), ...rooms]);
    await stream.next("welcome");
    for (let i = 3; i < 6; i++) {
      const error = await stream.next("error");
      assert.deepEqual([error.code, error.room], ["too-many-rooms", `room ${i}`]);
    }
    const last = await stream.next("error");
    assert.equal(last.code, "too-large");
    for (let i = 0; i < 3; i++) assert.equal((await stream.next("subscribed")).room, `room ${i}`);
  });

  test("[STREAM-11] two at once of one client each get everything, and what it sends beside them arrives in both", async (t) => {
    const log = new HeldLog();
    const { origin } = await startParlor(t, { log });
    const key = freshKey();
    const [old, fresh] = [
      await StreamReader.open(t, origin, [helloFrame({ key }), subscribe("lobby")]),
      await StreamReader.open(t, origin, [helloFrame({ key }), subscribe("lobby")]),
    ];
    for (const stream of [old, fresh]) {
      await stream.next("welcome");
      await stream.next("subscribed");
    }
    await exchange(origin, "send", helloFrame({ key }), {
      type: "publish",
      room: "lobby",
      seq: 1,
      body: "x",
    });
    for (const stream of [old, fresh]) assert.equal((await stream.next("messages")).messages[0]?.seq, 1);
  });
});
