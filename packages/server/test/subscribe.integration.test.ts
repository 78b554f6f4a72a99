import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CodedError } from "@parlor/base";
import { MemoryLog } from "@parlor/log";
import type { ServerFrame } from "@parlor/protocol";
import { FakeClock } from "@parlor/testkit";
import { Peer } from "./support/peer.ts";
import { startParlor, type RunningParlor } from "./support/parlor-server.ts";

/** Takes messages until the offset `last`, and checks that they are a whole chain from `after` on. */
async function chain(peer: Peer, room: string, after: number, last: number): Promise<unknown[]> {
  const bodies: unknown[] = [];
  let cursor = after;
  while (cursor < last) {
    const frame = await peer.next("messages");
    assert.equal(frame.room, room);
    assert.equal(frame.after, cursor, "a frame follows the one before it");
    for (const { offset, body } of frame.messages) {
      assert.ok(offset > cursor);
      cursor = offset;
      bodies.push(body);
    }
  }
  assert.equal(cursor, last);
  return bodies;
}

async function fill({ parlor }: RunningParlor, count: number, room = "lobby"): Promise<string> {
  let epoch = "";
  for (let i = 1; i <= count; i++) ({ epoch } = await parlor.room(room).publish(i));
  return epoch;
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("joining", () => {
  test("[CHAIN-57] a join that is alone asks the log once, and none behind it while the newest are the same", async (t) => {
    let asked: string[] = [];
    const log = new MemoryLog();
    for (const question of ["head", "read", "readBefore"] as const) {
      const answer = log[question].bind(log) as (...args: unknown[]) => Promise<never>;
      log[question] = (...args: unknown[]) => {
        asked.push(question);
        return answer(...args);
      };
    }
    const server = await startParlor(t, { log });
    await fill(server, 20);
    const join = async (last: number, head: number): Promise<unknown[]> => {
      asked = [];
      const peer = await Peer.join(t, server.port);
      const { after } = await peer.subscribe("lobby", { last });
      assert.equal(after, head - last);
      const bodies = await chain(peer, "lobby", after, head);
      await peer.leave();
      return bodies;
    };
    assert.deepEqual([await join(5, 20), asked], [numbers(16, 20), ["readBefore"]]);
    assert.deepEqual([await join(5, 20), asked], [numbers(16, 20), []], "also where everybody had left");
    assert.deepEqual([await join(2, 20), asked], [[19, 20], []]);
    assert.deepEqual([await join(6, 20), asked], [numbers(15, 20), ["readBefore"]]);
    await server.parlor.room("lobby").publish(21);
    assert.deepEqual([await join(2, 21), asked], [[20, 21], ["readBefore"]]);
    await log.redact("lobby", 21);
    assert.deepEqual([await join(2, 21), asked], [[20, null], ["readBefore"]]);
    await log.trim("lobby", 21);
    assert.deepEqual([await join(1, 21), asked], [[null], ["readBefore"]]);
    await fill(server, 1, "hall");
    const peer = await Peer.join(t, server.port);
    await server.parlor.room("hall").publish("x".repeat(40_000));
    const { after } = await peer.subscribe("hall", { last: 2 });
    assert.equal(after, 0, "where its bytes cut the page short, the head is asked for");
    assert.deepEqual(await chain(peer, "hall", after, 2), [1, "x".repeat(40_000)]);
  });

  test("[CHAIN-3] last begins behind the newest so many; without it there is nothing old", async (t) => {
    const server = await startParlor(t);
    const epoch = await fill(server, 120);
    for (const [members, after] of [
      [{ last: 50 }, 70],
      [{ last: 1 }, 119],
      [{ last: 0 }, 120],
      [{}, 120],
      [{ last: 500 }, 0],
    ] as const) {
      const peer = await Peer.join(t, server.port);
      assert.deepEqual(await peer.subscribe("lobby", members), {
        type: "subscribed",
        room: "lobby",
        epoch,
        after,
        head: 120,
        earliest: 1,
        lost: null,
        skipped: null,
      });
      assert.deepEqual(await chain(peer, "lobby", after, 120), numbers(after + 1, 120));
      await peer.leave();
    }
  });

  test("[CHAIN-52] an empty room has an epoch, and its first message follows 0", async (t) => {
    const { port, parlor, log } = await startParlor(t);
    const peer = await Peer.join(t, port);
    const { after, head, earliest, epoch } = await peer.subscribe("lobby", { last: 5 });
    assert.deepEqual([after, head, earliest], [0, 0, 1]);
    assert.deepEqual(await log.rooms("", 5), []);
    assert.equal((await parlor.room("lobby").publish("first")).epoch, epoch);
    assert.deepEqual(await chain(peer, "lobby", 0, 1), ["first"]);
  });
});

describe("resuming", () => {
  test("[CHAIN-53] goes on behind the cursor, with and without the epoch", async (t) => {
    const server = await startParlor(t);
    const epoch = await fill(server, 60);
    const peer = await Peer.join(t, server.port);
    for (const members of [{ after: 41, epoch }, { after: 41 }]) {
      const { after, lost, skipped } = await peer.subscribe("lobby", members);
      assert.deepEqual([after, lost, skipped], [41, null, null]);
      assert.deepEqual(await chain(peer, "lobby", 41, 60), numbers(42, 60));
    }
    assert.equal((await peer.subscribe("lobby", { after: 60, epoch })).after, 60);
    assert.deepEqual(await peer.untilPong(), []);
  });

  test("[LOST-3] atMost begins no further back than the newest so many, and tells what it skipped", async (t) => {
    const server = await startParlor(t);
    const epoch = await fill(server, 100);
    const peer = await Peer.join(t, server.port);
    for (const [members, after, skipped] of [
      [{ after: 20, epoch, atMost: 10 }, 90, { from: 21, to: 90 }],
      [{ after: 20, epoch, atMost: 80 }, 20, null],
      [{ after: 20, epoch, atMost: 79 }, 21, { from: 21, to: 21 }],
      [{ after: 20, epoch, atMost: 5_000 }, 20, null],
      [{ after: 100, epoch, atMost: 10 }, 100, null],
    ] as const) {
      const subscribed = await peer.subscribe("lobby", members);
      assert.deepEqual([subscribed.after, subscribed.skipped, subscribed.lost], [after, skipped, null]);
      await chain(peer, "lobby", after, 100);
    }
    const none = await peer.subscribe("lobby", { after: 20, epoch, atMost: 0 });
    assert.deepEqual([none.after, none.skipped], [100, { from: 21, to: 100 }]);
  });

  test("[LOST-1] what was trimmed behind the cursor is told inclusively, and delivery goes on behind it", async (t) => {
    const server = await startParlor(t);
    const epoch = await fill(server, 50);
    await server.parlor.room("lobby").trim(31);
    const peer = await Peer.join(t, server.port);
    const cases = [
      [{ after: 10, epoch }, 30, { from: 11, to: 30 }],
      [{ after: 0 }, 30, { from: 1, to: 30 }],
      [{ after: 29, epoch }, 30, { from: 30, to: 30 }],
      [{ after: 30, epoch }, 30, null],
      [{ last: 500 }, 30, null],
    ] as const;
    for (const [members, after, lost] of cases) {
      const subscribed = await peer.subscribe("lobby", members);
      assert.deepEqual([subscribed.after, subscribed.lost, subscribed.earliest], [after, lost, 31]);
      assert.deepEqual(await chain(peer, "lobby", after, 50), numbers(31, 50));
    }
    const both = await peer.subscribe("lobby", { after: 10, epoch, atMost: 5 });
    assert.deepEqual([both.lost, both.skipped, both.after], [{ from: 11, to: 30 }, { from: 31, to: 45 }, 45]);
    await chain(peer, "lobby", 45, 50);
    await server.parlor.room("lobby").trim(51);
    const all = await peer.subscribe("lobby", { after: 40, epoch });
    assert.deepEqual([all.lost, all.after, all.earliest, all.head], [{ from: 41, to: 50 }, 50, 51, 50]);
  });

  test("[LOST-2] another epoch, or a cursor beyond the head, counts as another history, at once where no node can lag", async (t) => {
    const server = await startParlor(t);
    const epoch = await fill(server, 5);
    const peer = await Peer.join(t, server.port);
    for (const members of [
      { after: 3, epoch: "another" },
      { after: 6, epoch },
      { after: 6 },
      { after: 2 ** 53 - 1, epoch },
    ]) {
      const subscribed = await peer.subscribe("lobby", members);
      assert.deepEqual([subscribed.epoch, subscribed.lost, subscribed.after], [epoch, { epoch: true }, 0]);
      assert.deepEqual(await chain(peer, "lobby", 0, 5), numbers(1, 5));
    }
    await server.parlor.room("lobby").trim(4);
    const other = await peer.subscribe("lobby", { after: 3, epoch: "another" });
    assert.deepEqual([other.lost, other.after], [{ epoch: true }, 3]);
    assert.deepEqual(await chain(peer, "lobby", 3, 5), [4, 5]);
  });

  test("[LOST-4] on a log that can lag, a cursor beyond the head waits for it, and holds back its own room only", async (t) => {
    const log = new (class extends MemoryLog {
      override readonly canLag = true as false;
    })();
    const server = await startParlor(t, { log });
    const epoch = await fill(server, 5);
    const peer = await Peer.join(t, server.port);
    peer.send({ type: "subscribe", room: "lobby", epoch, after: 6 });
    assert.equal((await peer.subscribe("other")).room, "other");
    await server.parlor.room("lobby").publish(6);
    await server.parlor.room("lobby").publish(7);
    const subscribed = await peer.next("subscribed");
    assert.deepEqual([subscribed.after, subscribed.lost], [6, null]);
    assert.deepEqual(await chain(peer, "lobby", 6, 7), [7]);
  });

  test("[LOST-4] a node that can't know how far the others are refuses a cursor beyond its head, and calls it no other history", async (t) => {
    let isCutOff = true;
    const log = new (class extends MemoryLog {
      override readonly canLag = true as false;
      sync(): Promise<void> {
        return isCutOff ? Promise.reject(new CodedError("unavailable", "cut off")) : Promise.resolve();
      }
    })();
    const clock = new FakeClock();
    const server = await startParlor(t, { log, clock });
    const epoch = await fill(server, 5);
    const peer = await Peer.join(t, server.port);
    const answer = async <K extends "error" | "subscribed">(kind: K) => {
      peer.send({ type: "subscribe", room: "lobby", epoch, after: 6 });
      await peer.untilPong();
      await clock.advanceAsync(6_000);
      return await peer.next(kind);
    };
    assert.equal((await answer("error")).code, "unavailable");
    isCutOff = false;
    assert.deepEqual((await answer("subscribed")).lost, { epoch: true });
  });

  test("[CHAIN-54] subscribing again replaces the cursor and begins a new chain", async (t) => {
    const server = await startParlor(t);
    await fill(server, 10);
    const peer = await Peer.join(t, server.port);
    await peer.subscribe("lobby", { last: 2 });
    await chain(peer, "lobby", 8, 10);
    assert.equal((await peer.subscribe("lobby", { after: 5 })).after, 5);
    assert.deepEqual(await chain(peer, "lobby", 5, 10), numbers(6, 10));
    await server.parlor.room("lobby").publish(11);
    assert.deepEqual(await chain(peer, "lobby", 10, 11), [11]);
    assert.deepEqual(await peer.untilPong(), []);
  });

  test("[CHAIN-4] a long replay comes in frames of at most 64 KiB, and a larger message alone", async (t) => {
    const server = await startParlor(t, { maxBodyBytes: 200_000 });
    const bodies = [10, 30_000, 30_000, 30_000, 10, 150_000, 10, 10].map((length) => "é".repeat(length / 2));
    for (const body of bodies) await server.parlor.room("lobby").publish(body);
    const peer = await Peer.join(t, server.port);
    await peer.subscribe("lobby", { last: 500 });
    const got: unknown[] = [];
    while (got.length < bodies.length) {
      const text = await peer.socket.texts.next();
      const frame = JSON.parse(text) as ServerFrame & { type: "messages" };
      assert.ok(Buffer.byteLength(text) <= 65_536 || frame.messages.length === 1);
      got.push(...frame.messages.map((message) => message.body));
    }
    assert.deepEqual(got, bodies);
  });

  test("[LOST-6] what is trimmed while one reads on behind it is told at that place", async (t) => {
    const server = await startParlor(t, { sendBufferBytes: 65_536 });
    const room = server.parlor.room("lobby");
    const count = 400;
    const peer = await Peer.join(t, server.port);
    await peer.subscribe("lobby");
    peer.socket.webSocket.pause();
    // Far more than the systems' buffers between the two hold, so that most is read from the log later.
    for (let i = 1; i <= count; i++) await room.publish(String(i).padEnd(50_000, "."));
    await room.trim(count - 9);
    peer.socket.webSocket.resume();
    let cursor = 0;
    const lost: unknown[] = [];
    while (cursor < count) {
      const frame = await peer.any();
      if (frame.type === "subscribed") {
        assert.ok(frame.lost !== null && "from" in frame.lost);
        assert.equal(frame.lost.from, cursor + 1);
        assert.equal(frame.lost.to, frame.after);
        lost.push(frame.lost);
        cursor = frame.after;
      } else {
        assert.ok(frame.type === "messages" && frame.after === cursor, JSON.stringify(frame).slice(0, 200));
        cursor = frame.messages.at(-1)?.offset ?? cursor;
      }
    }
    assert.equal(lost.length, 1);
  });
});

describe("history", () => {
  test("[CHAIN-55] pages go back from the newest, with related ones where asked for, and repeat their question", async (t) => {
    const server = await startParlor(t);
    const epoch = await fill(server, 60);
    await server.parlor.room("lobby").publish("about the first", { re: 1 });
    const peer = await Peer.join(t, server.port);
    peer.send({ type: "history", id: 1, room: "lobby" });
    const newest = await peer.next("history");
    assert.deepEqual(
      [newest.id, newest.room, newest.epoch, newest.earliest, newest.more],
      [1, "lobby", epoch, 1, true],
    );
    assert.deepEqual([newest.messages[0]?.offset, newest.messages.at(-1)?.offset], [12, 61]);
    assert.equal("related" in newest, false);
    peer.send({ type: "history", id: 2, room: "lobby", before: 12, limit: 500, related: true });
    const oldest = await peer.next("history");
    assert.deepEqual([oldest.messages.length, oldest.more, oldest.related?.[0]?.offset], [11, false, 61]);
    peer.send({ type: "history", id: 3, room: "nowhere", related: true });
    const none = await peer.next("history");
    assert.deepEqual([none.messages, none.related, none.more], [[], [], false]);
  });

  test("[CHAIN-56] many questions at once are each answered", async (t) => {
    const server = await startParlor(t);
    await fill(server, 20);
    const peer = await Peer.join(t, server.port);
    for (let id = 1; id <= 30; id++) peer.send({ type: "history", id, room: "lobby", before: id });
    const ids = new Set<number>();
    while (ids.size < 30) ids.add((await peer.next("history")).id);
  });
});
