import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog, type Page } from "@parlor/log";
import type { Authorize } from "@parlor/server";
import { FakeClock, RawSocketPeer } from "@parlor/testkit";
import {
  answerFrames,
  exchange,
  frameBody,
  helloFrame,
  named,
  postFrames,
  publishFrame,
  typesOf,
} from "./support/exchange.ts";
import { HeldLog } from "./support/held-log.ts";
import { Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertAnswers } from "./support/rest.ts";
import { turns } from "./support/turns.ts";
import { within } from "./support/within.ts";

describe("what a send answers", () => {
  test("[SEND-1] welcome, then one answer for each frame that has one, in the order of the frames", async (t) => {
    const { origin } = await startParlor(t);
    const response = await postFrames(`${origin}/connect/send`, [
      helloFrame(),
      publishFrame("a", 1),
      publishFrame("b", 1),
      { type: "history", id: 7, room: "a" },
      { type: "pong" },
      publishFrame("a", 3),
      "",
      "no JSON",
      { type: "ping" },
      { type: "dance", id: 4 },
      { type: "signal", room: "a", body: 1 },
      { type: "signal", room: "@a", body: 1 },
      { type: "publish", room: "a", seq: 2, body: 2, afterSeq: 9 },
      publishFrame("a", 2),
      { type: "history", id: 8, room: "a", limit: 0 },
      { type: "history", id: 9, room: "a" },
      publishFrame("@server", 1),
    ]);
    assert.equal(response.headers.get("content-type"), "application/x-ndjson");
    assert.equal(response.headers.get("cache-control"), "no-store, no-transform");
    assert.equal(response.headers.get("x-accel-buffering"), "no");
    const frames = await answerFrames(response);
    assert.deepEqual(frames.map(named), [
      "welcome",
      "ack a 1",
      "ack b 1",
      "history a 7",
      "refused a 3 out-of-order",
      "error bad-frame",
      "pong",
      "error 4 unknown-frame",
      "error @a forbidden",
      "refused a 2 bad-frame",
      "ack a 2",
      "error a 8 bad-frame",
      "history a 9",
      "refused @server 1 forbidden",
    ]);
    const [first, last] = frames.filter((frame) => frame.type === "history");
    assert.deepEqual([first?.messages.length, last?.messages.length], [1, 2]);
  });

  test("[SEND-2] the order holds although a hook or a page of history takes its time", async (t) => {
    class SlowLog extends MemoryLog {
      override async readBefore(...question: Parameters<MemoryLog["readBefore"]>): Promise<Page> {
        await turns(5);
        return super.readBefore(...question);
      }
    }
    const authorize: Authorize = async ({ room }) => {
      await turns(room === "slow" ? 10 : 0);
      return true;
    };
    for (const options of [{}, { authorize }]) {
      const { origin } = await startParlor(t, { log: new SlowLog(), ...options });
      const asked: object[] = [];
      const expected: string[] = [];
      for (let seq = 1; seq <= 30; seq++) {
        for (const room of ["slow", "quick"]) {
          asked.push(publishFrame(room, seq));
          expected.push(`ack ${room} ${seq}`);
        }
        if (seq % 10 !== 0) continue;
        asked.push({ type: "history", id: seq, room: "slow" }, { type: "ping" });
        expected.push(`history slow ${seq}`, "pong");
      }
      const frames = await exchange(origin, "send", helloFrame(), ...asked);
      assert.deepEqual(frames.map(named), expected);
      const pages = frames.filter((frame) => frame.type === "history");
      assert.deepEqual(
        pages.map(({ messages }) => messages.length),
        [10, 20, 30],
        "a page shows what was published before it in the same body",
      );
    }
  });

  test("[SEND-3] publishes follow each other into the log without waiting, at most `maxInFlight` at a time", async (t) => {
    const log = new HeldLog();
    const { origin } = await startParlor(t, { log, maxInFlight: 16 });
    log.hold();
    const asked = Array.from({ length: 300 }, (_, i) => publishFrame("lobby", i + 1));
    const answer = exchange(origin, "send", helloFrame(), ...asked);
    while (log.asked.length < 17) await turns(1);
    await turns();
    assert.equal(log.asked.length, 17, "one more is read than may be in flight, as on a WebSocket");
    log.letGo();
    assert.deepEqual(
      (await answer).map(named),
      asked.map((_, i) => `ack lobby ${i + 1}`),
    );
  });

  test("[SEND-4] follows rule 3: a repetition is a duplicate on every transport, and what is refused is not stored", async (t) => {
    const { origin, port, log } = await startParlor(t);
    const hello = helloFrame({ key: "k".repeat(30) });
    assert.deepEqual(
      (await exchange(origin, "send", hello, publishFrame("lobby", 1), publishFrame("lobby", 2))).map(named),
      ["ack lobby 1", "ack lobby 2"],
    );
    const again = await exchange(
      origin,
      "send",
      hello,
      publishFrame("lobby", 2),
      publishFrame("lobby", 4),
      publishFrame("lobby", 3),
    );
    assert.deepEqual(again, [
      { type: "ack", room: "lobby", seq: 2, offset: 2, duplicate: true },
      { ...again[1], type: "refused", code: "out-of-order", expected: 3 },
      { type: "ack", room: "lobby", seq: 3, offset: 3 },
    ]);
    const peer = await Peer.join(t, port, { key: "k".repeat(30) });
    assert.equal((await peer.publish("lobby", 3, 3)).duplicate, true);
    assert.equal((await peer.publish("lobby", 4, 4)).offset, 4);
    const [ack] = await exchange(origin, "send", hello, publishFrame("lobby", 4));
    assert.deepEqual(ack, { type: "ack", room: "lobby", seq: 4, offset: 4, duplicate: true });
    assert.equal((await log.head("lobby")).head, 4);
  });

  test("[SEND-5] a subscription or a fresh token is told where it belongs, and the rest goes on", async (t) => {
    const { origin } = await startParlor(t);
    const frames = await exchange(
      origin,
      "send",
      helloFrame(),
      { type: "subscribe", room: "lobby", last: 5 },
      { type: "unsubscribe", room: "lobby" },
      { type: "renew", token: "x" },
      '{"type":"subscribe","room":7}',
      helloFrame(),
      publishFrame("lobby", 1),
    );
    assert.deepEqual(frames.map(named), [
      "error lobby unknown-frame",
      "error lobby unknown-frame",
      "error unknown-frame",
      "error unknown-frame",
      "error bad-frame",
      "ack lobby 1",
    ]);
    const [error] = frames;
    assert.ok(error?.type === "error" && error.to === "subscribe" && /\/connect\/stream/.test(error.message));
  });
});

describe("a send on its way", () => {
  test("[SEND-10] a peer that leaves in the middle has stored what was submitted, and breaks nothing else", async (t) => {
    const log = new HeldLog();
    const { origin, port } = await startParlor(t, { log });
    log.hold();
    using peer = await RawSocketPeer.connect({ port });
    const body = frameBody([
      helloFrame(),
      ...Array.from({ length: 10 }, (_, i) => publishFrame("lobby", i + 1)),
    ]);
    peer.write(
      `POST /connect/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    while (log.asked.length < 10) await turns(1);
    peer.reset();
    log.letGo();
    assert.deepEqual((await exchange(origin, "send", helloFrame(), publishFrame("other", 1))).map(named), [
      "ack other 1",
    ]);
    assert.equal((await log.head("lobby")).head, 10);
    // Cut before its end, a body is not looked at.
    using cut = await RawSocketPeer.connect({ port });
    cut.write(
      `POST /connect/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -5)}`,
    );
    await turns();
    cut.reset();
    await turns();
    assert.equal(log.asked.length, 11);
  });

  test("[SEND-11] while the server stops, a new one is 503 before anything is stored, and an accepted one is answered whole", async (t) => {
    const clock = new FakeClock();
    const log = new HeldLog();
    const { origin, parlor } = await startParlor(t, { clock, log, maxInFlight: 4 });
    log.hold();
    const asked = Array.from({ length: 12 }, (_, i) => publishFrame("lobby", i + 1));
    const accepted = exchange(origin, "send", helloFrame(), ...asked);
    while (log.asked.length < 5) await turns(1);
    const drained = parlor.drain();
    for (const path of ["send", "stream", "poll"]) {
      const late = await postFrames(`${origin}/connect/${path}`, [helloFrame(), publishFrame("lobby", 1)]);
      assert.match(late.headers.get("retry-after") ?? "", /^[1-9]/);
      await assertAnswers(late, 503, "draining");
    }
    log.letGo();
    const answers = (await accepted).map(named);
    assert.deepEqual(
      answers.slice(0, 5),
      asked.slice(0, 5).map((_, i) => `ack lobby ${i + 1}`),
    );
    assert.deepEqual(
      answers.slice(5),
      asked.slice(5).map((_, i) => `refused lobby ${i + 6} draining`),
    );
    assert.equal((await log.head("lobby")).head, 5);
    let isOver = false;
    const over = drained.then(() => {
      isOver = true;
    });
    for (let ms = 0; ms <= 10_000 && !isOver; ms += 100) await clock.advanceAsync(100);
    await within(over, "the end of the drain");
  });

  test("[SEND-12] who goes on after a thousand refusals by rate is told so, and the answer ends", async (t) => {
    const { origin } = await startParlor(t, { publishPerSecond: 1 });
    const asked = Array.from({ length: 1_200 }, (_, i) => ({ ...publishFrame("lobby", i + 1), afterSeq: 0 }));
    const answers = await exchange(origin, "send", helloFrame(), ...asked);
    const last = answers.at(-1);
    assert.deepEqual([last?.type, last?.type === "bye" && last.code], ["bye", "rate-limited"]);
    assert.ok(answers.length < 1_100, `${answers.length} answers`);
    assert.equal(typesOf(answers).filter((type) => type === "ack").length, 5);
  });

  test("[SEND-13] an address has as many at a time as it may have connections, counted apart from those", async (t) => {
    const log = new HeldLog();
    const { origin, port } = await startParlor(t, { log, connectionsPerAddress: 2 });
    await Peer.join(t, port);
    await Peer.join(t, port);
    log.hold();
    const two = [1, 2].map(() => exchange(origin, "send", helloFrame(), publishFrame("lobby", 1)));
    while (log.asked.length < 2) await turns(1);
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    assert.match(metrics, /^parlor_connections\{transport="send"\} 2$/m);
    const third = await postFrames(`${origin}/connect/send`, [helloFrame(), publishFrame("lobby", 1)]);
    await assertAnswers(third, 429, "too-many-connections");
    log.letGo();
    await Promise.all(two);
    assert.deepEqual((await exchange(origin, "send", helloFrame(), publishFrame("lobby", 1))).map(named), [
      "ack lobby 1",
    ]);
  });

  test("[SEND-14] pages are read as the peer takes them: one that reads nothing holds little, and is cut in the end", async (t) => {
    const clock = new FakeClock();
    class CountingLog extends MemoryLog {
      pages = 0;
      override readBefore(...question: Parameters<MemoryLog["readBefore"]>): Promise<Page> {
        this.pages += 1;
        return super.readBefore(...question);
      }
    }
    const log = new CountingLog();
    const { port, parlor, origin } = await startParlor(t, { clock, log, heartbeatMs: 10_000 });
    for (let i = 0; i < 10; i++) await parlor.room("lobby").publish("x".repeat(60_000));
    using stalled = await RawSocketPeer.connect({ port });
    const asked = Array.from({ length: 500 }, (_, i) => ({ type: "history", id: i + 1, room: "lobby" }));
    const body = frameBody([helloFrame(), ...asked]);
    stalled.pause();
    stalled.write(
      `POST /connect/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    let [pages, same] = [-1, 0];
    while (same < 50) {
      await turns(1);
      same = log.pages === pages && pages > 0 ? same + 1 : 0;
      pages = log.pages;
    }
    assert.ok(pages < 100, `${pages} pages were read for a peer that takes none`);
    for (let s = 0; s < 40 && !stalled.isClosed; s++) await clock.advanceAsync(1_000);
    stalled.resume();
    await stalled.closed();
    assert.match(await (await fetch(`${origin}/metrics`)).text(), /^parlor_slow_closes_total 1$/m);
  });
});
