import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MemoryBus } from "@parlor/log";
import type { PresenceFrame } from "@parlor/protocol";
import { FakeClock } from "@parlor/testkit";
import { Counters } from "./counters.ts";
import { type ListWaiter, PresenceLists } from "./presence-lists.ts";
import { PresenceReader } from "./presence-room.ts";
import { PresenceRooms } from "./presence-rooms.ts";

const LIST = 262_144;

class Asker implements ListWaiter {
  readonly group: string;
  readonly #told: string[];
  readonly #name: string;

  constructor(group: string, name: string, told: string[]) {
    this.group = group;
    this.#name = name;
    this.#told = told;
  }

  takeTurn(): number {
    this.#told.push(this.#name);
    return LIST;
  }
}

describe("the pace of large frames about presence", () => {
  test("[PRESENCE-17] a mebibyte goes at once and 32 KiB a millisecond, addresses take turns, and who has gone costs nothing", () => {
    const clock = new FakeClock();
    const counters = new Counters();
    const lists = new PresenceLists(clock, counters);
    const told: string[] = [];
    const crowd = Array.from({ length: 40 }, (_, i) => new Asker("10.0.0.1", `crowd ${i}`, told));
    for (const each of crowd) lists.ask(each);
    assert.equal(told.length, 5, "a mebibyte, and the one that passed it");
    assert.equal(counters.presencePaced, 35);
    assert.equal(clock.nextInMs, 8, "as long as it takes for a list of 256 KiB");

    lists.ask(new Asker("10.0.0.2", "other", told));
    clock.advance(8);
    clock.advance(8);
    assert.deepEqual(told.slice(5), ["crowd 5", "other"], "who comes last waits behind one of the crowd");

    for (const each of crowd.slice(6, 39)) lists.forget(each);
    clock.advance(8);
    assert.deepEqual(told.slice(7), ["crowd 39"]);
    assert.equal(clock.nextInMs, null);

    lists.ask(crowd[0] as Asker);
    lists.forget(crowd[0] as Asker);
    assert.equal(clock.nextInMs, null, "nobody is waited for");
  });

  test("[PRESENCE-17] who comes to a large room and leaves it again and again is told it at that pace, and at last what there is then", async () => {
    const clock = new FakeClock();
    const counters = new Counters();
    const rooms = new PresenceRooms({ bus: new MemoryBus(), clock, counters, node: "one" });
    await nextTurn();
    const come = (identity: string): void => {
      rooms.join("lobby", { identity, profileJson: `"${"p".repeat(1_000)}"`, at: clock.now() });
    };
    for (let i = 0; i < 99; i++) come(`who-${i}`);
    const texts: string[] = [];
    const sink = {
      isWritable: true,
      group: "10.0.0.1",
      sendPresence: (frames: { readonly texts: readonly string[] }) => void texts.push(...frames.texts),
    };
    for (let i = 0; i < 100; i++) {
      const room = rooms.acquire("lobby");
      const reader = new PresenceReader(room, sink, null);
      room.join(reader);
      await nextTurn();
      room.leave(reader);
      rooms.release(room);
    }
    const most = 1_048_576 / (texts[0]?.length ?? 0);
    assert.equal(texts.length, Math.ceil(most), "then none, however often it comes");

    const room = rooms.acquire("lobby");
    const reader = new PresenceReader(room, sink, null);
    room.join(reader);
    await nextTurn();
    assert.equal(texts.length, Math.ceil(most));
    assert.equal(reader.isAnswered, false);
    come("the last");
    await nextTurn();
    clock.advance(100);
    await nextTurn();
    const frames = texts.slice(Math.ceil(most)).map((text) => JSON.parse(text) as PresenceFrame);
    assert.equal(frames[0]?.full, true, "first all who are there");
    assert.equal(frames.at(-1)?.count, 100);
    rooms.close();
  });
});
