import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { MemoryLog, type RoomLog } from "@parlor/log";
import { randomInteger, seededRandom, testSeed } from "@parlor/testkit";
import { Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { sqliteLog } from "./support/sqlite-folder.ts";

type Random = ReturnType<typeof seededRandom>;

/** A subscriber that now and then stops reading, subscribes again or is cut, and keeps its own cursor. */
async function follow(
  t: TestContext,
  port: number,
  random: Random,
  last: number,
): Promise<Map<number, unknown>> {
  const seen = new Map<number, unknown>();
  let cursor = 0;
  let epoch: string | undefined;
  while (cursor < last) {
    const peer = await Peer.join(t, port);
    const cutAfterFrames = random() < 0.7 ? randomInteger(random, 1, 12) : Infinity;
    peer.send({ type: "subscribe", room: "lobby", after: cursor, ...(epoch === undefined ? {} : { epoch }) });
    for (let frames = 0; frames < cutAfterFrames && cursor < last; frames++) {
      const frame = await peer.any();
      if (frame.type === "subscribed") {
        assert.equal(frame.lost, null);
        assert.equal(frame.after, cursor, "the chain begins at the cursor");
        epoch = frame.epoch;
      } else {
        assert.ok(frame.type === "messages");
        assert.equal(frame.after, cursor, "a frame follows the cursor");
        for (const { offset, body } of frame.messages) {
          assert.equal(offset, cursor + 1, "embedded logs have no holes");
          assert.equal(seen.has(offset), false);
          seen.set(offset, body);
          cursor = offset;
        }
      }
      if (random() < 0.05) {
        // The socket stays unread for some turns, so that the server's buffer fills.
        peer.socket.webSocket.pause();
        for (let i = randomInteger(random, 1, 40); i > 0; i--)
          await new Promise((resolve) => setImmediate(resolve));
        peer.socket.webSocket.resume();
      }
      if (random() < 0.05) {
        // What is still under way of the old chain ends where the new one is announced.
        peer.send({
          type: "subscribe",
          room: "lobby",
          after: cursor,
          ...(epoch === undefined ? {} : { epoch }),
        });
        const asked = cursor;
        for (;;) {
          const next = await peer.any();
          if (next.type === "subscribed" && next.after === asked) break;
          assert.ok(next.type === "messages" || next.type === "subscribed");
        }
      }
    }
    peer.socket.webSocket.terminate();
  }
  return seen;
}

/** A publisher that pipelines, is cut, and sends everything unacked again in order. */
async function publish(
  t: TestContext,
  port: number,
  random: Random,
  name: string,
  count: number,
): Promise<Map<number, number>> {
  const acked = new Map<number, number>();
  const hello = {
    key: `key-of-publisher-${name}`.padEnd(30, "x"),
    producer: `outbox-${name}`.padEnd(10, "-"),
  };
  let answered = 0;
  while (answered < count) {
    const peer = await Peer.join(t, port, hello);
    const window = randomInteger(random, 1, 60);
    const cutAt = random() < 0.5 ? answered + randomInteger(random, 1, 40) : Infinity;
    let sent = answered;
    while (answered < count && answered < cutAt) {
      while (sent < count && sent - answered < window) {
        sent += 1;
        const filler = "x".repeat(randomInteger(random, 0, 3_000));
        peer.send({ type: "publish", room: "lobby", seq: sent, body: { name, seq: sent, filler } });
      }
      const ack = await peer.next("ack");
      assert.equal(ack.seq, answered + 1, "publishes are answered in order");
      if (ack.offset !== undefined) acked.set(ack.seq, ack.offset);
      answered = ack.seq;
    }
    peer.socket.webSocket.terminate();
  }
  return acked;
}

async function run(t: TestContext, log: RoomLog, seed: string, perPublisher: number): Promise<void> {
  const random = seededRandom(seed);
  const server = await startParlor(t, {
    log,
    sendBufferBytes: 65_536,
    coalesceMs: randomInteger(random, 0, 10),
  });
  const names = ["a", "b", "c"];
  const last = names.length * perPublisher;
  const followers = Array.from({ length: 4 }, () =>
    follow(t, server.port, seededRandom(randomInteger(random, 1, 1e9)), last),
  );
  const publishers = names.map((name) =>
    publish(t, server.port, seededRandom(randomInteger(random, 1, 1e9)), name, perPublisher),
  );
  const acks = await Promise.all(publishers);
  const histories = await Promise.all(followers);
  const first = histories[0] as Map<number, unknown>;
  for (const history of histories) assert.deepEqual(history, first, "one order for all");
  for (const [index, name] of names.entries()) {
    const own = [...first].filter(([, body]) => (body as { name: string }).name === name);
    assert.deepEqual(
      own.map(([, body]) => (body as { seq: number }).seq),
      Array.from({ length: perPublisher }, (_, i) => i + 1),
      "each once, in the order in which they were sent",
    );
    for (const [seq, offset] of acks[index] as Map<number, number>) {
      assert.equal((first.get(offset) as { seq: number }).seq, seq, "an ack names the offset");
    }
  }
  assert.equal((await server.log.head("lobby")).head, last);
}

describe("subscribing while others publish", () => {
  const seed = testSeed();

  test("[CHAIN-1] [ONCE-64] [ORDER-2] in memory: whoever is cut, slow or resubscribes sees one whole chain", async (t) => {
    for (let i = 0; i < 8; i++) {
      await t.test(`run ${i} of seed ${seed}`, (inner) => run(inner, new MemoryLog(), `${seed}-${i}`, 120));
    }
  });

  test("[CHAIN-1] [ONCE-64] [ORDER-2] on disk: whoever is cut, slow or resubscribes sees one whole chain", async (t) => {
    for (let i = 0; i < 4; i++) {
      await t.test(`run ${i} of seed ${seed}`, async (inner) =>
        run(inner, await sqliteLog(inner), `${seed}-disk-${i}`, 120),
      );
    }
  });
});
