import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HeldLog } from "./support/held-log.ts";
import { freshKey, Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";

describe("rule 3, row by row", () => {
  test("[ONCE-50] seqs that follow are appended, the newest again is a duplicate with its offset, older ones without", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const ack = { type: "ack", room: "lobby" };
    assert.deepEqual(await peer.publish("lobby", 1, "a"), { ...ack, seq: 1, offset: 1 });
    assert.deepEqual(await peer.publish("lobby", 2, "b"), { ...ack, seq: 2, offset: 2 });
    assert.deepEqual(await peer.publish("lobby", 3, "c"), { ...ack, seq: 3, offset: 3 });
    assert.deepEqual(await peer.publish("lobby", 3, "c"), { ...ack, seq: 3, offset: 3, duplicate: true });
    assert.deepEqual(await peer.publish("lobby", 1, "a"), { ...ack, seq: 1, duplicate: true });
    // A seq names one publish for ever, also where it comes with other content.
    assert.deepEqual(await peer.publish("lobby", 3, "other"), { ...ack, seq: 3, offset: 3, duplicate: true });
    assert.deepEqual(await peer.publish("lobby", 4, "d"), { ...ack, seq: 4, offset: 4 });
  });

  test("[ONCE-51] a seq that relies on one that is missing is out-of-order, and is told where to go on", async (t) => {
    const { port, log } = await startParlor(t);
    const peer = await Peer.join(t, port);
    await peer.publish("lobby", 1, "a");
    peer.send({ type: "publish", room: "lobby", seq: 3, body: "c" });
    const refused = await peer.next("refused");
    assert.deepEqual([refused.code, refused.seq, refused.expected], ["out-of-order", 3, 2]);
    assert.equal((await log.head("lobby")).head, 1);
    await peer.publish("lobby", 2, "b");
    await peer.publish("lobby", 3, "c");
  });

  test("[ONCE-52] afterSeq jumps over seqs that were refused for good, and only over those that it names", async (t) => {
    const { port, parlor } = await startParlor(t, { maxBodyBytes: 100 });
    const peer = await Peer.join(t, port);
    await peer.publish("lobby", 1, "a");
    peer.send({ type: "publish", room: "lobby", seq: 2, body: "x".repeat(200) });
    assert.equal((await peer.next("refused")).code, "too-large");
    peer.send({ type: "publish", room: "lobby", seq: 3, body: "y".repeat(200), afterSeq: 1 });
    assert.equal((await peer.next("refused")).code, "too-large");
    peer.send({ type: "publish", room: "lobby", seq: 4, body: "d", afterSeq: 2 });
    const refused = await peer.next("refused");
    assert.deepEqual([refused.code, refused.expected], ["out-of-order", 2]);
    assert.equal((await peer.publish("lobby", 4, "d", { afterSeq: 1 })).offset, 2);
    assert.equal((await peer.publish("lobby", 9, "i", { afterSeq: 0 })).offset, 3);
    // What was jumped over is behind the producer now.
    assert.deepEqual(await peer.publish("lobby", 2, "late"), {
      type: "ack",
      room: "lobby",
      seq: 2,
      duplicate: true,
    });
    const { messages } = await parlor.room("lobby").read();
    assert.deepEqual(
      messages.map(({ seq, body }) => [seq, body]),
      [
        [1, "a"],
        [4, "d"],
        [9, "i"],
      ],
    );
  });

  test("[ONCE-53] a producer that is not known and relies on an earlier seq is unknown-producer", async (t) => {
    const { port, log } = await startParlor(t);
    const peer = await Peer.join(t, port);
    peer.send({ type: "publish", room: "lobby", seq: 7, body: "x" });
    assert.equal((await peer.next("refused")).code, "unknown-producer");
    peer.send({ type: "publish", room: "lobby", seq: 7, afterSeq: 6, body: "x" });
    assert.equal((await peer.next("refused")).code, "unknown-producer");
    assert.equal((await log.head("lobby")).head, 0);
    assert.equal((await peer.publish("lobby", 7, "x", { afterSeq: 0 })).offset, 1);
  });

  test("[ONCE-54] seqs count for each identity, producer and room apart", async (t) => {
    const { port } = await startParlor(t);
    const [ada, bob] = [freshKey(), freshKey()];
    const peers = [
      await Peer.join(t, port, { key: ada, producer: "producer-a" }),
      await Peer.join(t, port, { key: ada, producer: "producer-b" }),
      await Peer.join(t, port, { key: bob, producer: "producer-a" }),
    ];
    let offset = 0;
    for (const peer of peers) assert.equal((await peer.publish("lobby", 1, "x")).offset, (offset += 1));
    for (const peer of peers) assert.equal((await peer.publish("other", 1, "x")).duplicate, undefined);
    for (const peer of peers) assert.equal((await peer.publish("lobby", 1, "x")).duplicate, true);
  });

  test("[ONCE-55] a duplicate is known on another connection, at the same time and by REST", async (t) => {
    const { port, origin } = await startParlor(t);
    const [key, producer] = [freshKey(), "my-outbox"];
    const first = await Peer.join(t, port, { key, producer });
    const second = await Peer.join(t, port, { key, producer });
    await first.publish("lobby", 1, "a");
    assert.equal((await second.publish("lobby", 1, "a")).duplicate, true);
    assert.equal((await second.publish("lobby", 2, "b")).offset, 2);
    assert.deepEqual(await first.publish("lobby", 2, "b"), {
      type: "ack",
      room: "lobby",
      seq: 2,
      offset: 2,
      duplicate: true,
    });
    await first.leave();
    const rest = (seq: number): Promise<Response> =>
      fetch(`${origin}/rooms/lobby/messages`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${key}`,
          "parlor-producer": producer,
          "parlor-seq": String(seq),
        },
        body: '"b"',
      });
    assert.equal(((await (await rest(2)).json()) as { offset: number }).offset, 2);
    assert.equal(((await (await rest(3)).json()) as { offset: number }).offset, 3);
    assert.equal((await second.publish("lobby", 3, "c")).duplicate, true);
    const again = await Peer.join(t, port, { key, producer });
    assert.equal((await again.publish("lobby", 3, "c")).offset, 3);
    assert.equal((await again.publish("lobby", 4, "d")).offset, 4);
  });

  test("[ONCE-56] two connections that race with one seq store it once and agree on the offset", async (t) => {
    const { port, log } = await startParlor(t);
    const [key, producer] = [freshKey(), "my-outbox"];
    const peers = await Promise.all(Array.from({ length: 4 }, () => Peer.join(t, port, { key, producer })));
    for (let seq = 1; seq <= 25; seq++) {
      for (const peer of peers) peer.send({ type: "publish", room: "lobby", seq, body: seq });
      const acks = await Promise.all(peers.map((peer) => peer.next("ack")));
      assert.deepEqual(new Set(acks.map((ack) => ack.offset)), new Set([seq]));
      assert.equal(acks.filter((ack) => ack.duplicate === undefined).length, 1);
    }
    assert.equal((await log.head("lobby")).head, 25);
  });
});

describe("bodies", () => {
  test("[ONCE-57] a body of exactly maxBodyBytes bytes of UTF-8 is taken, one byte more is too-large", async (t) => {
    const { port, log } = await startParlor(t, { maxBodyBytes: 1_000 });
    const peer = await Peer.join(t, port);
    let seq = 0;
    for (const [character, bytes] of [
      ["x", 1],
      ["é", 2],
      ["€", 3],
      ["🙂", 4],
    ] as const) {
      // Two quotation marks stand around it.
      const full = character.repeat(Math.floor(998 / bytes));
      const exact = full + "x".repeat(998 - Buffer.byteLength(full));
      const { offset } = await peer.publish("lobby", (seq += 1), exact);
      peer.send({ type: "publish", room: "lobby", seq: seq + 1, body: `${exact}x` });
      const refused = await peer.next("refused");
      assert.deepEqual([refused.code, refused.room, refused.seq], ["too-large", "lobby", seq + 1]);
      assert.equal((await log.head("lobby")).head, offset);
    }
  });

  test("[ONCE-58] re names the message that this one is about, and comes with it", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    await peer.publish("lobby", 1, "question");
    await peer.publish("lobby", 2, "answer", { re: 1 });
    await peer.subscribe("lobby", { last: 2 });
    const { messages } = await peer.next("messages");
    assert.deepEqual(Object.keys(messages[0] ?? {}), ["offset", "from", "producer", "seq", "at", "body"]);
    assert.deepEqual([messages[1]?.re, messages[1]?.body], [1, "answer"]);
    assert.equal(messages[0]?.from, peer.identity);
    assert.ok((messages[1]?.at ?? 0) >= (messages[0]?.at ?? Infinity));
  });
});

describe("the order of answers", () => {
  test("[ONCE-59] a publish that is malformed is answered in its turn, behind those that still wait for the disk", async (t) => {
    const log = new HeldLog();
    const { port } = await startParlor(t, { log, maxBodyBytes: 1_000 });
    const peer = await Peer.join(t, port);
    log.hold();
    peer.send({ type: "publish", room: "lobby", seq: 1, body: "a" });
    peer.send({ type: "publish", room: "..", seq: 2, body: "bad room" });
    peer.send({ type: "publish", room: "lobby", seq: 3, body: "x".repeat(2_000) });
    peer.send({ type: "publish", room: "lobby", seq: 4 });
    peer.send({ type: "publish", room: "lobby", seq: "five", body: 1 });
    peer.send({ type: "publish", room: "@server", seq: 6, body: 1 });
    peer.send({ type: "publish", room: "other", seq: 1, body: "b" });
    assert.deepEqual(await peer.untilPong(), []);
    log.letGo();
    const answers = [];
    for (let i = 0; i < 7; i++) {
      const frame = await peer.any();
      answers.push([frame.type, "code" in frame ? frame.code : "stored"]);
    }
    assert.deepEqual(answers, [
      ["ack", "stored"],
      ["refused", "bad-room"],
      ["refused", "too-large"],
      ["refused", "bad-frame"],
      ["error", "bad-frame"],
      ["refused", "forbidden"],
      ["ack", "stored"],
    ]);
  });

  test("[ONCE-60] a stalled disk delays acks and nothing else", async (t) => {
    const log = new HeldLog();
    const { port } = await startParlor(t, { log });
    const peer = await Peer.join(t, port);
    await peer.publish("lobby", 1, "a");
    log.hold();
    peer.send({ type: "publish", room: "lobby", seq: 2, body: "b" });
    await peer.subscribe("lobby", { last: 10 });
    assert.equal((await peer.next("messages")).messages.length, 1);
    peer.send({ type: "history", id: 5, room: "lobby" });
    assert.equal((await peer.next("history")).messages.length, 1);
    log.letGo();
    const told = [await peer.any(), await peer.any()].map((frame) => frame.type);
    assert.deepEqual(told.sort(), ["ack", "messages"]);
  });

  test("[ONCE-61] a log that can't take it refuses unavailable with a time, and the same seq goes in later", async (t) => {
    const log = new HeldLog();
    const { port } = await startParlor(t, { log });
    const peer = await Peer.join(t, port);
    log.fill();
    peer.send({ type: "publish", room: "lobby", seq: 1, body: "a" });
    const refused = await peer.next("refused");
    assert.deepEqual([refused.code, refused.retryAfterMs], ["unavailable", 700]);
    assert.match(refused.message, /full/);
    log.empty();
    assert.equal((await peer.publish("lobby", 1, "a")).offset, 1);
  });
});

describe("maxInFlight", () => {
  test("[ONCE-62] above maxInFlight unanswered publishes the server reads no more, and goes on when they are answered", async (t) => {
    const log = new HeldLog();
    const { port } = await startParlor(t, { log, maxInFlight: 16 });
    const peer = await Peer.join(t, port);
    log.hold();
    const count = 2_000;
    const body = "x".repeat(10_000);
    for (let seq = 1; seq <= count; seq++) peer.send({ type: "publish", room: "lobby", seq, body });
    // Another connection sees that the server is awake; in that time it would have read everything.
    const other = await Peer.join(t, port);
    for (let i = 0; i < 200; i++) assert.deepEqual(await other.untilPong(), []);
    // What had been read from the socket already may still come: some 64 KiB, and not 20 MB.
    assert.ok(log.asked.length > 16 && log.asked.length < 60, `${log.asked.length} were read`);
    log.letGo();
    for (let seq = 1; seq <= count; seq++) assert.equal((await peer.next("ack")).seq, seq);
    assert.equal((await log.head("lobby")).head, count);
  });

  test("[ONCE-63] 10,000 pipelined publishes get 10,000 answers in order", async (t) => {
    const { port, log } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const count = 10_000;
    for (let i = 1; i <= count; i++) {
      peer.send({ type: "publish", room: i % 10 === 0 ? "other" : "lobby", seq: i, afterSeq: 0, body: i });
    }
    for (let i = 1; i <= count; i++) {
      const { seq, room } = await peer.next("ack");
      assert.deepEqual([seq, room], [i, i % 10 === 0 ? "other" : "lobby"]);
    }
    assert.equal((await log.head("lobby")).head + (await log.head("other")).head, count);
  });
});
