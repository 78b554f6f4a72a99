import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { message, messages, SetUp, subscribed } from "../test/set-up.ts";
import type { Message, MessagesOptions } from "./index.ts";

interface Reading {
  readonly offsets: number[];
  /** Settles when the loop ends: with null, or with the code of what it threw. */
  readonly end: Promise<string | null>;
}

function read(iteration: AsyncIterable<Message>, until = Infinity): Reading {
  const offsets: number[] = [];
  const loop = async (): Promise<string | null> => {
    for await (const { offset } of iteration) {
      offsets.push(offset);
      if (offset >= until) break;
    }
    return null;
  };
  return { offsets, end: loop().catch((error: { code: string }) => error.code) };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A client whose room `a` has messages 1 to `head`, with a far end that answers history. */
class Lobby extends SetUp {
  readonly room = this.client.room("a");
  head: number;
  epoch = "e1";
  earliest = 1;

  constructor(head: number) {
    super();
    this.head = head;
    this.client.reconnect();
    this.welcome();
  }

  /** Answers what was asked since, and returns how often history was read. */
  async serve(): Promise<number> {
    let pages = 0;
    for (let turn = 0; turn < 200; turn++) {
      await settled();
      const asked = this.far.take();
      if (asked.length === 0) return pages;
      for (const frame of asked) {
        if (frame["type"] !== "history") continue;
        pages += 1;
        const before = Math.min(Number(frame["before"] ?? Infinity), this.head + 1);
        const first = Math.max(this.earliest, before - Number(frame["limit"]));
        const offsets = Array.from({ length: Math.max(0, before - first) }, (_, i) => first + i);
        this.far.say({
          type: "history",
          id: frame["id"],
          room: "a",
          epoch: this.epoch,
          earliest: this.earliest,
          messages: offsets.map((offset) => message(offset)),
          more: first > this.earliest,
        });
      }
    }
    throw new Error("it asks for ever");
  }

  /** The room goes on to `head`, live. */
  append(head: number): void {
    for (; this.head < head; this.head++) this.far.say(messages("a", this.head, this.head + 1));
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

describe("an iteration over a room", () => {
  test("[CLIENT-27] it subscribes where nobody did, gives each message once, and unsubscribes when it is left", async () => {
    const lobby = new Lobby(3);
    const reading = read(lobby.room.messages({ last: 2 }), 5);
    await settled();
    assert.deepEqual(lobby.far.take(), [{ type: "subscribe", room: "a", last: 2 }]);
    lobby.far.say(subscribed("a", 1, { head: 3 }), messages("a", 1, 2, 3));
    lobby.append(5);
    assert.equal(await reading.end, null);
    assert.deepEqual(reading.offsets, [2, 3, 4, 5]);
    assert.deepEqual(lobby.far.take(), [{ type: "unsubscribe", room: "a" }]);
  });

  test("[CLIENT-27] where the room is subscribed to already it gets its past from history, and leaves the subscription", async () => {
    const lobby = new Lobby(300);
    lobby.room.subscribe();
    lobby.far.say(subscribed("a", 300));
    const reading = read(lobby.room.messages({ last: 260 }), 302);
    await lobby.serve();
    lobby.append(302);
    assert.equal(await reading.end, null);
    assert.deepEqual(reading.offsets, range(41, 302));
    assert.deepEqual(lobby.far.take(), []);
  });

  test("[CLIENT-27] from goes on behind a position, subscribed or not", async () => {
    const lobby = new Lobby(300);
    const from = { epoch: "e1", offset: 40 };
    const first = read(lobby.room.messages({ from }), 301);
    await settled();
    assert.deepEqual(lobby.far.take(), [{ type: "subscribe", room: "a", epoch: "e1", after: 40 }]);
    lobby.far.say(subscribed("a", 40, { head: 300 }), messages("a", 40, ...range(41, 300)));
    const second = read(lobby.room.messages({ from }), 301);
    await lobby.serve();
    lobby.append(301);
    await Promise.all([first.end, second.end]);
    assert.deepEqual(first.offsets, range(41, 301));
    assert.deepEqual(second.offsets, range(41, 301));
  });

  test("[CLIENT-28] a slow reader is given everything, and no more than maxBuffered waits for it", async () => {
    const lobby = new Lobby(0);
    const iteration = lobby.room.messages({ maxBuffered: 10 });
    const first = iteration.next();
    await settled();
    lobby.far.say(subscribed("a", 0));
    lobby.append(1);
    assert.equal((await first).value?.offset, 1);
    lobby.append(700);
    const reading = read(iteration, 702);
    assert.ok((await lobby.serve()) >= 2, "the rest is read from history");
    assert.deepEqual(reading.offsets, range(2, 700));
    lobby.append(702);
    assert.equal(await reading.end, null);
    assert.deepEqual(reading.offsets, range(2, 702));
  });

  test("[CLIENT-28] a reader that is overtaken again and again still gets each message once", async () => {
    const lobby = new Lobby(0);
    const reading = read(lobby.room.messages({ maxBuffered: 3 }));
    await settled();
    lobby.far.say(subscribed("a", 0));
    for (let head = 50; head <= 1_000; head += 50) {
      lobby.append(head);
      await lobby.serve();
    }
    assert.deepEqual(reading.offsets, range(1, 1_000));
    lobby.room.unsubscribe();
    assert.equal(await reading.end, null);
  });

  test("[CLIENT-29] what is lost is thrown, or told where onLost is given", async () => {
    const lobby = new Lobby(10);
    const lost: unknown[] = [];
    const options: MessagesOptions = { onLost: (each) => lost.push(each) };
    const thrown = read(lobby.room.messages());
    const told = read(lobby.room.messages(options), 31);
    await settled();
    lobby.far.say(subscribed("a", 10));
    lobby.far.say(subscribed("a", 30, { lost: { from: 11, to: 30 }, head: 31 }), messages("a", 30, 31));
    assert.equal(await thrown.end, "lost");
    assert.equal(await told.end, null);
    assert.deepEqual(told.offsets, [31]);
    assert.deepEqual(lost, [{ from: 11, to: 30 }]);
  });

  test("[CLIENT-29] a stretch that was trimmed while a slow reader was behind is told", async () => {
    const lobby = new Lobby(0);
    const lost: unknown[] = [];
    const iteration = lobby.room.messages({ maxBuffered: 2, onLost: (each) => lost.push(each) });
    const first = iteration.next();
    await settled();
    lobby.far.say(subscribed("a", 0));
    lobby.append(1);
    await first;
    lobby.append(50);
    lobby.earliest = 41;
    const reading = read(iteration, 50);
    await lobby.serve();
    await reading.end;
    assert.deepEqual(reading.offsets, [2, 3, ...range(41, 50)]);
    assert.deepEqual(lost, [{ from: 4, to: 40 }]);
  });

  test("[CLIENT-29] a history that was replaced while a slow reader was behind is told", async () => {
    const lobby = new Lobby(0);
    const lost: unknown[] = [];
    const iteration = lobby.room.messages({ maxBuffered: 2, onLost: (each) => lost.push(each) });
    const first = iteration.next();
    await settled();
    lobby.far.say(subscribed("a", 0));
    lobby.append(1);
    await first;
    lobby.append(50);
    lobby.epoch = "e2";
    lobby.head = 4;
    lobby.far.say(subscribed("a", 0, { epoch: "e2", head: 4 }), messages("a", 0, 1, 2, 3, 4));
    const reading = read(iteration, 5);
    await lobby.serve();
    lobby.append(5);
    await reading.end;
    assert.deepEqual(reading.offsets, [2, 3, 1, 2, 3, 4, 5]);
    assert.deepEqual(lost, [{ epoch: true }]);
  });

  test("[CLIENT-27] the end of the subscription or of the client ends it with the code", async () => {
    const lobby = new Lobby(0);
    const refused = read(lobby.room.messages());
    await settled();
    lobby.far.say({ type: "error", to: "subscribe", room: "a", code: "forbidden", message: "no" });
    assert.equal(await refused.end, "forbidden");
    const closed = read(lobby.room.messages());
    await settled();
    lobby.client.close();
    assert.equal(await closed.end, "closed");
    const late = read(lobby.room.messages());
    assert.equal(await late.end, "closed");
  });

  test("[CLIENT-27] an aborted signal ends it quietly", async () => {
    const lobby = new Lobby(0);
    const abort = new AbortController();
    const reading = read(lobby.room.messages({ signal: abort.signal }));
    await settled();
    abort.abort();
    assert.equal(await reading.end, null);
    assert.equal(await read(lobby.room.messages({ signal: abort.signal })).end, null);
  });

  test("[CLIENT-27] options that make no sense are refused at the call", () => {
    const { room } = new Lobby(0);
    assert.throws(() => room.messages({ maxBuffered: 0 }), { code: "bad-option" });
    assert.throws(() => room.messages({ last: 501 }), { code: "bad-option" });
  });
});
