import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HeardSequences } from "./heard-sequences.ts";
import { StreamSweep } from "./stream-sweep.ts";

interface Stored {
  readonly room: string;
  readonly time: string;
}

/** A stream and what one node has seen of it; counts what is asked. */
class Bench {
  readonly records: Stored[] = [];
  readonly seen = new Map<string, number>();
  readonly sweep: StreamSweep;
  asked = { end: 0, record: 0, room: [] as string[] };
  isAnswering = true;
  leader = "a";
  #stores = 0;

  constructor(rooms: readonly string[]) {
    for (const room of rooms) this.seen.set(room, 0);
    const stream = {
      end: async () => {
        this.asked.end += 1;
        return { leader: this.leader, seq: this.records.length, time: this.records.at(-1)?.time ?? "" };
      },
      recordAt: async (seq: number) => {
        this.asked.record += 1;
        return this.records[seq - 1] ?? null;
      },
    };
    this.sweep = new StreamSweep(stream, () =>
      [...this.seen].map(([name, lastSeq]) => ({ name, lastSeq, check: async () => this.#check(name) })),
    );
  }

  store(room: string, isHeard: boolean): void {
    this.records.push({ room, time: `time ${++this.#stores}` });
    if (!isHeard) return;
    this.sweep.hear(this.records.length);
    if (this.seen.has(room)) this.seen.set(room, this.records.length);
  }

  /** Looks; what was asked for it. */
  async look(): Promise<{ end: number; record: number; room: string[] }> {
    this.asked = { end: 0, record: 0, room: [] };
    await this.sweep.look();
    return this.asked;
  }

  /** What each room has and the stream has not, or the other way round. */
  get behind(): string[] {
    const lastOf = (room: string): number => this.records.findLastIndex((each) => each.room === room) + 1;
    return [...this.seen].filter(([room, seq]) => seq !== lastOf(room)).map(([room]) => room);
  }

  #check(room: string): void {
    this.asked.room.push(room);
    if (!this.isAnswering) throw new Error("no leader");
    this.seen.set(room, this.records.findLastIndex((each) => each.room === room) + 1);
  }
}

const ROOMS = Array.from({ length: 1_000 }, (_, i) => `room ${i}`);

describe("what a node did not hear of", () => {
  test("[NATS-12] a stream that ends as it did is asked for nothing more, however many rooms it has", async () => {
    const bench = new Bench(ROOMS);
    await bench.look();
    for (const room of ROOMS) bench.store(room, true);
    await bench.look();
    assert.deepEqual(await bench.look(), { end: 1, record: 0, room: [] });
  });

  test("[NATS-12] the last record of a room that was lost on the way is found, and no other room is asked for", async () => {
    const bench = new Bench(ROOMS);
    await bench.look();
    bench.store("room 1", true);
    await bench.look();
    bench.store("elsewhere", false);
    bench.store("room 3", false);
    assert.deepEqual(bench.behind, ["room 3"]);
    // Two that were not heard, and the one with which the stream ended before.
    assert.deepEqual(await bench.look(), { end: 1, record: 3, room: ["room 3"] });
    assert.deepEqual(bench.behind, []);
  });

  test("[NATS-12] what could not be asked for is looked for again", async () => {
    const bench = new Bench(ROOMS);
    await bench.look();
    bench.store("room 3", false);
    bench.isAnswering = false;
    await assert.rejects(bench.look(), /1 of 1 /);
    bench.isAnswering = true;
    await bench.look();
    assert.deepEqual(bench.behind, []);
  });

  test("[NATS-12] where more was missed than there are rooms, the rooms are asked for", async () => {
    const bench = new Bench(["a", "b"]);
    await bench.look();
    for (let i = 0; i < 500; i++) bench.store("a", false);
    assert.deepEqual(await bench.look(), { end: 1, record: 0, room: ["a", "b"] });
  });

  test("[NATS-9] a stream with another past has all its rooms looked at, also where it has grown again", async () => {
    for (const regrown of [0, 1, 3, 9]) {
      const bench = new Bench(["a", "b", "c"]);
      await bench.look();
      for (const room of ["a", "b", "c", "a"]) bench.store(room, true);
      await bench.look();
      bench.records.splice(3);
      for (let i = 0; i < regrown; i++) bench.store("elsewhere", false);
      assert.deepEqual(bench.behind, ["a"]);
      await bench.look();
      assert.deepEqual(bench.behind, [], `grown by ${regrown}`);
    }
  });

  test("[NATS-9] a stream with another leader has all its rooms looked at, for its copy may be another one", async () => {
    const bench = new Bench(["a", "b"]);
    await bench.look();
    bench.leader = "b";
    assert.deepEqual((await bench.look()).room, ["a", "b"]);
    assert.deepEqual((await bench.look()).room, []);
  });

  test("[NATS-9] what was heard since the last look and lost before this one is found, too", async () => {
    const bench = new Bench(["a", "b"]);
    bench.store("b", true);
    await bench.look();
    bench.store("a", true);
    bench.records.splice(1);
    bench.store("elsewhere", false);
    bench.store("elsewhere", false);
    await bench.look();
    assert.deepEqual(bench.behind, []);
  });

  test("sequences that were heard are kept in mind over a mark, and those in between are missing", () => {
    const heard = new HeardSequences();
    for (const seq of [1, 2, 5, 900, 1_000]) heard.add(seq);
    assert.deepEqual(heard.missing(6, 10), [3, 4, 6]);
    assert.equal(heard.missing(1_000, 10), null);
    heard.moveTo(898);
    assert.deepEqual(heard.missing(1_001, 200)?.slice(0, 3), [899, 901, 902]);
    assert.equal(heard.missing(1_001, 200)?.includes(1_000), false);
    heard.add(3);
    heard.add(Number.MAX_SAFE_INTEGER);
    assert.deepEqual(heard.missing(898, 10), []);
  });
});
