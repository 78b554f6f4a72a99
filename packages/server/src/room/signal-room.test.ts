import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MemoryBus } from "@parlor/log";
import { FakeClock } from "@parlor/testkit";
import { Counters } from "./counters.ts";
import type { SignalReader, SignalTick } from "./signal-room.ts";
import { SignalRooms } from "./signal-rooms.ts";

class Reader implements SignalReader {
  readonly form = "batched";
  readonly from = "reader";
  readonly producer = "producer-1";
  takesSignals = true;
  /** The bodies of each write. */
  readonly writes: unknown[][] = [];

  sendSignals({ texts }: { readonly texts: readonly string[] }): void {
    this.writes.push(
      texts.flatMap((text) => {
        const frame = JSON.parse(text) as { signals?: { body: unknown }[]; body?: unknown };
        return frame.signals?.map(({ body }) => body) ?? [frame.body];
      }),
    );
  }
}

function set(tick: SignalTick | null): {
  clock: FakeClock;
  counters: Counters;
  rooms: SignalRooms;
  reader: Reader;
  say: (body: unknown, from?: string) => void;
} {
  const clock = new FakeClock();
  const counters = new Counters();
  const server = { from: "@server", producer: "producer-s" };
  const rooms = new SignalRooms({ bus: new MemoryBus(), clock, counters, server }, () => tick);
  const reader = new Reader();
  rooms.acquire("lobby").join(reader);
  const say = (body: unknown, from = "speaker"): void =>
    rooms.send("lobby", { from, producer: "producer-1", bodyJson: JSON.stringify(body) });
  return { clock, counters, rooms, reader, say };
}

describe("the signals of a room", () => {
  test("[SIGNAL-7] what one turn of the event loop brings goes out together at its end", async () => {
    const { reader, say } = set(null);
    for (const body of [1, 2, 3]) say(body);
    assert.deepEqual(reader.writes, []);
    await nextTurn();
    assert.deepEqual(reader.writes, [[1, 2, 3]]);
    say(4);
    await nextTurn();
    assert.deepEqual(reader.writes.slice(1), [[4]]);
  });

  test("[SIGNAL-8] a tick writes once in its time, at once after a pause, and not at all where nothing came", async () => {
    const { clock, reader, say } = set({ everyMs: 50 });
    say(1);
    await nextTurn();
    assert.deepEqual(reader.writes, [[1]]);
    say(2);
    clock.advance(30);
    say(3);
    await nextTurn();
    assert.equal(reader.writes.length, 1, "the tick is not over");
    clock.advance(20);
    assert.deepEqual(reader.writes.slice(1), [[2, 3]]);
    clock.advance(500);
    assert.equal(reader.writes.length, 2);
    say(4);
    await nextTurn();
    assert.deepEqual(reader.writes.slice(2), [[4]]);
  });

  test("[SIGNAL-8] 60 Hz of fifty people are 20 frames a second to each, with the newest of everybody", async () => {
    const { clock, counters, reader, say } = set({ everyMs: 50, newestPerIdentity: 1 });
    for (let frame = 0; frame < 60; frame++) {
      for (let player = 0; player < 50; player++) say(frame, `player ${player}`);
      await nextTurn();
      clock.advance(1_000 / 60);
    }
    clock.advance(50);
    assert.ok(reader.writes.length <= 22, `${reader.writes.length} writes`);
    assert.deepEqual(
      reader.writes.at(-1),
      Array.from({ length: 50 }, () => 59),
    );
    const told = reader.writes.reduce((sum, bodies) => sum + bodies.length, 0);
    assert.equal(counters.signalsThinned, 3_000 - told);
  });

  test("[SIGNAL-6] who can't take it now does not hear it, then or later, and it is counted", async () => {
    const { counters, reader, say } = set(null);
    reader.takesSignals = false;
    say(1);
    say(2);
    await nextTurn();
    reader.takesSignals = true;
    say(3);
    await nextTurn();
    assert.deepEqual(reader.writes, [[3]]);
    assert.deepEqual([counters.signalsDropped, counters.signalsDelivered], [2, 1]);
  });

  test("[SIGNAL-14] who polls hears what was said since its mark, once, whatever polls came between, and nothing of another life of the room", async () => {
    const { clock, rooms, reader, say } = set(null);
    const lobby = rooms.acquire("lobby");
    const goOn = async (heard: string): Promise<readonly unknown[]> => {
      const poll = new Reader();
      lobby.join(poll, heard);
      await nextTurn();
      lobby.leave(poll);
      return poll.writes.flat();
    };
    say("before");
    await nextTurn();
    const [first, never] = [lobby.mark, `other.${lobby.mark.split(".")[1]}`];
    rooms.keepRecent(lobby);
    rooms.release(lobby);
    lobby.leave(reader);
    rooms.release(lobby);
    say(1);
    await nextTurn();
    const second = lobby.mark;
    say(2);
    say("own", "reader");
    await nextTurn();
    assert.deepEqual([await goOn(first), await goOn(second), await goOn(lobby.mark)], [[1, 2], [2], []]);
    assert.deepEqual([await goOn(never), await goOn(`${first}x`), await goOn("x")], [[], [], []]);
    clock.advance(1_500);
    say(3);
    await nextTurn();
    rooms.keepRecent(lobby);
    clock.advance(1_000);
    assert.deepEqual(await goOn(first), [3], "each is kept for two seconds");
    clock.advance(1_500);
    assert.deepEqual([await goOn(first), rooms.size], [[], 0], "nobody polls any more");
  });

  test("[SIGNAL-14] of a room 32 KiB are kept, the newest, and of a thousand rooms", async () => {
    const { rooms, say } = set(null);
    const lobby = rooms.acquire("lobby");
    const start = lobby.mark;
    rooms.keepRecent(lobby);
    for (const letter of ["a", "b", "c"]) {
      say(letter.repeat(12_000));
      await nextTurn();
    }
    const poll = new Reader();
    lobby.join(poll, start);
    await nextTurn();
    assert.deepEqual(
      poll.writes.flat().map((body) => (body as string)[0]),
      ["b", "c"],
    );
    for (let index = 1; index <= 1_005; index++) {
      const room = rooms.acquire(`room ${index}`);
      rooms.keepRecent(room);
      rooms.release(room);
    }
    assert.equal(rooms.size, 1_001, "a thousand that are kept, and one that is read");
    rooms.close();
    assert.equal(rooms.size, 0);
  });

  test("[SIGNAL-1] a room is held as long as somebody listens", () => {
    const { rooms } = set(null);
    const again = rooms.acquire("lobby");
    assert.equal(rooms.size, 1);
    rooms.release(again);
    rooms.release(again);
    assert.equal(rooms.size, 0);
  });
});
