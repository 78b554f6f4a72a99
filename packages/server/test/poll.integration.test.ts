import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog, type RoomHead } from "@parlor/log";
import type { ServerFrame } from "@parlor/protocol";
import { FakeClock, RawSocketPeer } from "@parlor/testkit";
import {
  answerFrames,
  exchange,
  frameBody,
  helloFrame,
  messagesIn,
  postFrames,
  typesOf,
} from "./support/exchange.ts";
import { Peer } from "./support/peer.ts";
import { startParlor, type RunningParlor } from "./support/parlor-server.ts";
import { assertAnswers } from "./support/rest.ts";
import { within } from "./support/within.ts";

const subscribe = (room: string, members: object = {}): object => ({ type: "subscribe", room, ...members });

async function metric(origin: string, name: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`parlor_${name} `));
  return Number(line?.split(" ").at(-1));
}

/** Fulfils when so many polls wait with as many live subscriptions. */
async function waiting({ origin }: RunningParlor, polls: number, subscriptions: number): Promise<void> {
  const look = async (): Promise<void> => {
    while (
      (await metric(origin, 'connections{transport="poll"}')) !== polls ||
      (await metric(origin, 'subscriptions{phase="live"}')) !== subscriptions
    );
  };
  await within(look(), `${polls} waiting polls`);
}

function bodies(frames: readonly ServerFrame[]): unknown[] {
  return messagesIn(frames).map((message) => message.body);
}

describe("a poll", () => {
  test("[POLL-1] that does not wait answers when each room was answered and what lay behind the cursors delivered", async (t) => {
    const { parlor, origin } = await startParlor(t);
    for (let i = 1; i <= 3; i++) await parlor.room("lobby").publish(i);
    const response = await postFrames(`${origin}/connect/poll?wait=0`, [
      helloFrame(),
      subscribe("lobby", { last: 2 }),
      subscribe("empty"),
      subscribe(".."),
    ]);
    assert.equal(response.headers.get("content-type"), "application/x-ndjson");
    assert.equal(response.headers.get("cache-control"), "no-store, no-transform");
    assert.ok(Number(response.headers.get("content-length")) > 0, "it is whole, whatever gathers on the way");
    const frames = await answerFrames(response);
    assert.deepEqual(typesOf(frames).toSorted(), [
      "error",
      "messages",
      "subscribed",
      "subscribed",
      "welcome",
    ]);
    assert.equal(frames[0]?.type, "welcome");
    assert.deepEqual(bodies(frames), [2, 3]);
    assert.deepEqual(typesOf(await exchange(origin, "poll?wait=0", helloFrame(), subscribe("lobby"))), [
      "subscribed",
    ]);
    assert.deepEqual(await exchange(origin, "poll?wait=0", helloFrame()), []);
  });

  test("[POLL-2] that waits ends with what lies behind a cursor, else with the first message that comes", async (t) => {
    const server = await startParlor(t);
    const { parlor, origin } = server;
    await parlor.room("lobby").publish("one");
    const atOnce = await exchange(origin, "poll", helloFrame(), subscribe("lobby", { after: 0 }));
    assert.deepEqual(bodies(atOnce), ["one"]);
    const late = exchange(origin, "poll", helloFrame(), subscribe("lobby", { after: 1 }), subscribe("other"));
    await waiting(server, 1, 2);
    await parlor.room("other").publish("two");
    const frames = await late;
    assert.deepEqual(typesOf(frames), ["subscribed", "subscribed", "messages"]);
    assert.deepEqual(bodies(frames), ["two"]);
    await waiting(server, 0, 0);
    assert.equal(await metric(origin, "rooms_open"), 0);
  });

  test("[POLL-3] without news it answers welcome and subscribed after `wait` seconds, 25 by default", async (t) => {
    const clock = new FakeClock();
    const server = await startParlor(t, { clock });
    for (const [query, seconds] of [
      ["", 25],
      ["?wait=25", 25],
      ["?wait=3", 3],
    ] as const) {
      let isOver = false;
      const answer = exchange(server.origin, `poll${query}`, helloFrame(), subscribe("lobby")).then(
        (frames) => {
          isOver = true;
          return frames;
        },
      );
      await waiting(server, 1, 1);
      await clock.advanceAsync(seconds * 1_000 - 1);
      await waiting(server, 1, 1);
      assert.equal(isOver, false);
      await clock.advanceAsync(1);
      assert.deepEqual(typesOf(await answer), ["subscribed"]);
    }
  });

  test("[POLL-4] a `wait` that is no whole number from 0 to 25 is 400 `bad-frame`", async (t) => {
    const { origin } = await startParlor(t);
    for (const wait of ["26", "-1", "1.5", "", "x", "01", "1e1", "٣", "999999999999999999999"]) {
      const response = await postFrames(`${origin}/connect/poll?wait=${encodeURIComponent(wait)}`, [
        helloFrame(),
      ]);
      await assertAnswers(response, 400, "bad-frame");
    }
  });

  test("[POLL-5] what is lost, refused or ended ends the wait", async (t) => {
    let isAllowed = true;
    const server = await startParlor(t, {
      authorize: ({ room }) => isAllowed || room !== "secret",
    });
    const { parlor, origin } = server;
    for (let i = 1; i <= 5; i++) await parlor.room("lobby").publish(i);
    await parlor.room("lobby").trim(6);
    const lost = await exchange(origin, "poll", helloFrame(), subscribe("lobby", { after: 2 }));
    assert.deepEqual(typesOf(lost), ["subscribed"]);
    assert.deepEqual(lost[0]?.type === "subscribed" && lost[0].lost, { from: 3, to: 5 });
    const other = await exchange(
      origin,
      "poll",
      helloFrame(),
      subscribe("lobby", { epoch: "old", after: 9 }),
    );
    assert.deepEqual(other[0]?.type === "subscribed" && other[0].lost, { epoch: true });
    for (const refused of [subscribe(".."), subscribe("@somebody"), { type: "dance" }, "no JSON"]) {
      const frames = await exchange(origin, "poll", helloFrame(), refused, subscribe("lobby"));
      assert.deepEqual(typesOf(frames).toSorted(), ["error", "subscribed"]);
    }
    const withdrawn = exchange(origin, "poll", helloFrame(), subscribe("secret"));
    await waiting(server, 1, 1);
    isAllowed = false;
    parlor.recheck({ room: "secret" });
    assert.deepEqual(typesOf(await withdrawn), ["subscribed", "unsubscribed"]);
    const forbidden = await exchange(origin, "poll", helloFrame(), subscribe("secret"));
    assert.deepEqual(forbidden[0]?.type === "error" && forbidden[0].code, "forbidden");
    const deleted = exchange(origin, "poll", helloFrame(), subscribe("lobby"));
    await waiting(server, 1, 1);
    await parlor.room("lobby").delete();
    assert.deepEqual(typesOf(await deleted), ["subscribed", "unsubscribed"]);
  });

  test("[POLL-6] an answer ends behind 256 KiB, after a whole frame, and the next goes on from there", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const count = 60;
    for (let i = 1; i <= count; i++) {
      await parlor.room("lobby").publish(`${i}`.padEnd(30_000));
      if (i % 3 === 0) await parlor.room("other").publish(i);
    }
    const cursors = new Map([
      ["lobby", 0],
      ["other", 0],
    ]);
    let polls = 0;
    while (cursors.get("lobby") !== count || cursors.get("other") !== count / 3) {
      polls += 1;
      const asked = [...cursors].map(([room, after]) => subscribe(room, { after }));
      const response = await postFrames(`${origin}/connect/poll?wait=${polls % 2}`, [helloFrame(), ...asked]);
      assert.ok(Number(response.headers.get("content-length")) < 262_144 + 65_536 + 2_048);
      const frames = await answerFrames(response);
      assert.equal(typesOf(frames).filter((type) => type === "subscribed").length, 2);
      assert.ok(messagesIn(frames).length > 0, "each one comes closer");
      for (const frame of frames) {
        if (frame.type !== "messages") continue;
        assert.equal(frame.after, cursors.get(frame.room));
        cursors.set(frame.room, frame.messages.at(-1)?.offset ?? 0);
      }
    }
    assert.ok(polls >= 6 && polls <= 10, `${polls} polls`);
  });

  test("[POLL-7] what is published between two polls, or while one catches up, is in the next or in this", async (t) => {
    class SlowHeadLog extends MemoryLog {
      whenAsked: (() => Promise<unknown>) | null = null;
      override async head(...question: Parameters<MemoryLog["head"]>): Promise<RoomHead> {
        const head = await super.head(...question);
        const task = this.whenAsked;
        this.whenAsked = null;
        await task?.();
        return head;
      }
    }
    const log = new SlowHeadLog();
    const { parlor, origin } = await startParlor(t, { log });
    const room = parlor.room("lobby");
    const seen: unknown[] = [];
    let cursor = 0;
    for (let i = 0; i < 30; i++) {
      await room.publish(`between ${i}`);
      log.whenAsked = () => room.publish(`meanwhile ${i}`);
      const frames = await exchange(
        origin,
        "poll?wait=0",
        helloFrame(),
        subscribe("lobby", { after: cursor }),
      );
      cursor = messagesIn(frames).at(-1)?.offset ?? cursor;
      seen.push(...bodies(frames));
    }
    const rest = await exchange(origin, "poll?wait=0", helloFrame(), subscribe("lobby", { after: cursor }));
    assert.deepEqual(
      [...seen, ...bodies(rest)],
      Array.from({ length: 30 }, (_, i) => [`between ${i}`, `meanwhile ${i}`]).flat(),
    );
  });

  test("[POLL-8] two at once are each complete, and what comes is in both (B43)", async (t) => {
    const server = await startParlor(t);
    const ask = (): Promise<ServerFrame[]> =>
      exchange(server.origin, "poll", helloFrame({ key: "k".repeat(30) }), subscribe("lobby"));
    const both = [ask(), ask()];
    await waiting(server, 2, 2);
    await server.parlor.room("lobby").publish("x");
    for (const frames of await Promise.all(both)) assert.deepEqual(bodies(frames), ["x"]);
  });

  test("[POLL-9] a peer that goes away while it waits frees everything", async (t) => {
    const server = await startParlor(t, { connectionsPerAddress: 1 });
    const { port, origin } = server;
    for (let i = 0; i < 3; i++) {
      using peer = await RawSocketPeer.connect({ port });
      const body = frameBody([helloFrame(), subscribe("lobby")]);
      peer.write(
        `POST /connect/poll HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await waiting(server, 1, 1);
      const refused = await postFrames(`${origin}/connect/poll`, [helloFrame()]);
      await assertAnswers(refused, 429, "too-many-connections");
      if (i % 2 === 0) peer.reset();
      else peer.destroy();
      await waiting(server, 0, 0);
    }
    assert.equal(await metric(origin, "rooms_open"), 0);
    await Peer.join(t, port);
  });

  test("[POLL-9] what comes while nobody waits any more is in the next one, and a publish needs none (B43)", async (t) => {
    const server = await startParlor(t);
    const { port, origin, parlor } = server;
    const key = "k".repeat(30);
    using peer = await RawSocketPeer.connect({ port });
    const body = frameBody([helloFrame({ key }), subscribe("lobby")]);
    peer.write(
      `POST /connect/poll HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await waiting(server, 1, 1);
    peer.reset();
    await waiting(server, 0, 0);
    await parlor.room("lobby").publish("nobody heard it");
    const publish = { type: "publish", room: "lobby", seq: 1, body: "said without a poll" };
    const [ack] = await exchange(origin, "send", helloFrame({ key }), publish);
    assert.equal(ack?.type, "ack");
    const next = await exchange(origin, "poll?wait=0", helloFrame({ key }), {
      ...subscribe("lobby"),
      after: 0,
    });
    assert.deepEqual(bodies(next), ["nobody heard it", "said without a poll"]);
  });

  test("[POLL-10] when the server stops a waiting one gets `bye` with a time to return", async (t) => {
    const clock = new FakeClock();
    const server = await startParlor(t, { clock });
    const answer = exchange(server.origin, "poll", helloFrame(), subscribe("lobby"));
    await waiting(server, 1, 1);
    const drained = server.parlor.drain();
    await clock.advanceAsync(10);
    const [, bye] = await answer;
    assert.ok(bye?.type === "bye" && bye.code === "draining" && (bye.retryAfterMs ?? 0) >= 500);
    for (let ms = 0; ms < 4_000; ms += 100) await clock.advanceAsync(100);
    await within(drained, "the end of the drain");
  });

  test("[POLL-11] a token that ends while it waits ends it with `expired` (O9)", async (t) => {
    const clock = new FakeClock();
    const server = await startParlor(t, {
      clock,
      authenticate: () => ({ identity: "ada", expiresAt: clock.now() + 5_000 }),
    });
    const answer = exchange(server.origin, "poll", helloFrame({ token: "t" }), subscribe("lobby"));
    await waiting(server, 1, 1);
    await clock.advanceAsync(6_000);
    const frames = await answer;
    assert.deepEqual(typesOf(frames), ["subscribed", "error"]);
    assert.equal(frames[1]?.type === "error" && frames[1].code, "expired");
  });

  test("[POLL-12] a log that does not answer holds one back for 25 s at most", async (t) => {
    const clock = new FakeClock();
    class StalledLog extends MemoryLog {
      override read(): Promise<never> {
        return new Promise(() => {});
      }
    }
    const server = await startParlor(t, { clock, log: new StalledLog() });
    await server.parlor.room("lobby").publish("out of reach");
    for (const wait of [0, 2]) {
      const answer = exchange(
        server.origin,
        `poll?wait=${wait}`,
        helloFrame(),
        subscribe("lobby", { after: 0 }),
      );
      await waiting(server, 1, 0);
      await clock.advanceAsync(24_999);
      await waiting(server, 1, 0);
      await clock.advanceAsync(1);
      assert.deepEqual(typesOf(await answer), ["subscribed"]);
    }
  });
});
