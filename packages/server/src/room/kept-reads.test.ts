import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog, type StoredMessage } from "@parlor/log";
import { appendOf, FakeClock } from "@parlor/testkit";
import { Counters } from "./counters.ts";
import { cutIntoBatches, type EncodedBatch } from "./encoded-batch.ts";
import { KeptReads } from "./kept-reads.ts";
import { RecentBudget } from "./recent-batches.ts";
import type { Room } from "./room.ts";
import { RoomRegistry } from "./room-registry.ts";
import type { CatchUpRead } from "./catch-up.ts";
import type { StartPosition } from "./start-position.ts";

/** Fills a frame with 40 of them, and a read as well. */
const BODY = JSON.stringify("x".repeat(800));
const COUNT = 200;

class Reader {
  readonly starts: StartPosition[] = [];
  readonly messages: StoredMessage[] = [];
  readonly isWritable = true;

  subscribed(_room: string, start: StartPosition): void {
    this.starts.push(start);
  }

  deliver(batch: EncodedBatch): boolean {
    this.messages.push(...batch.messages);
    return true;
  }

  ended(): void {
    assert.fail("the room is there");
  }

  async until(offset: number): Promise<void> {
    while ((this.messages.at(-1)?.offset ?? 0) < offset)
      await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A room of 200 messages that nobody was there to see, and who comes to it. */
async function filledRoom(atTurnsEnd?: (task: () => void) => void): Promise<{
  readonly log: MemoryLog;
  readonly counters: Counters;
  readonly come: (after?: number) => Promise<Reader>;
}> {
  const clock = new FakeClock();
  const log = new MemoryLog({ clock });
  for (let seq = 1; seq <= COUNT; seq++) await log.append(appendOf("lobby", seq, { bodyJson: BODY }));
  const counters = new Counters();
  const onFault = (error: unknown): void => assert.fail(String(error));
  const recentBudget = new RecentBudget(67_108_864);
  const rooms = new RoomRegistry({ log, clock, counters, coalesceMs: 25, recentBudget, atTurnsEnd, onFault });
  const room: Room = await rooms.acquire("lobby");
  const come = async (after = 0): Promise<Reader> => {
    const reader = new Reader();
    const request = { kind: "resume", epoch: undefined, after, atMost: undefined } as const;
    await room.subscribe(
      request,
      reader,
      () => true,
      () => undefined,
    );
    await reader.until(COUNT);
    return reader;
  };
  return { log, counters, come };
}

describe("reads that are kept", () => {
  test("[GROW-80] who catches up behind another takes the frames that were read for them, all but the last", async () => {
    const { counters, come } = await filledRoom();
    const first = await come();
    const reads = counters.catchUpReads;
    assert.ok(reads >= 4, `${reads} reads`);
    for (let i = 1; i <= 3; i++) {
      const other = await come();
      assert.deepEqual(other.messages, first.messages);
      assert.equal(counters.catchUpReads, reads + i, "what ends where the room does is read anew");
    }
  });

  test("[GROW-80] two of them go out in a turn of the event loop, however many come", async () => {
    const ends: (() => void)[] = [];
    const { counters, come } = await filledRoom((task) => void ends.push(task));
    const first = await come();
    const others = [0, 40, 80].map((after) => come(after));
    const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    let isThere = false;
    void Promise.all(others).then(() => (isThere = true));
    let turns = 0;
    for (; !isThere; turns++) {
      assert.ok(turns < 20);
      await settled();
      const before = counters.catchUpMessages;
      for (const end of ends.splice(0)) end();
      await settled();
      assert.ok(counters.catchUpMessages - before <= 2 * 40 + 40, "two frames, and one that is read anew");
    }
    assert.ok(turns >= 3, `${turns} turns`);
    for (const [i, after] of [0, 40, 80].entries())
      assert.deepEqual((await others[i])?.messages, first.messages.slice(after));
  });

  test("[GROW-80] nothing that was erased since is delivered, and what was trimmed since is told as lost", async () => {
    const { log, come } = await filledRoom();
    await come();
    await log.redact("lobby", 30);
    const behindErasure = await come();
    assert.equal(behindErasure.messages[29]?.bodyJson, null);
    assert.equal(behindErasure.messages.length, COUNT);
    await log.trim("lobby", 10);
    const { starts, messages } = await come();
    assert.deepEqual(starts.at(-1)?.lost, { from: 1, to: 9 });
    assert.equal(messages[0]?.offset, 10);
  });

  test("[GROW-80] all rooms have so many bytes of them, and what was asked for longest ago goes first", () => {
    const message = (offset: number): StoredMessage => ({
      ...{
        offset,
        from: "ada",
        producer: "producer1",
        seq: offset,
        at: 0,
        bodyJson: `"${"x".repeat(8_000)}"`,
      },
    });
    const readOf = (after: number): CatchUpRead => {
      const messages = [message(after + 1)];
      const page = { epoch: "e", head: 100, earliest: 1, messages, more: true };
      return { page, batch: cutIntoBatches("r", "e", after, messages)[0] ?? null };
    };
    const bytes = readOf(0).batch?.bytes ?? 0;
    const kept = new KeptReads({ maxBytes: bytes * 6.5 });
    const has = (room: string): number[] =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((after) => kept.find(room, after, 1) !== null);
    for (let after = 0; after < 8; after++) kept.keep("a", after, readOf(after));
    assert.deepEqual(has("a"), [2, 3, 4, 5, 6, 7]);
    assert.equal(kept.find("a", 3, 5), null, "a slow reader is not told of what was trimmed");
    assert.notEqual(kept.find("a", 4, 5), null);
    for (const after of [0, 1]) kept.keep("b", after, readOf(after));
    assert.deepEqual(
      [has("a"), has("b")],
      [
        [4, 5, 6, 7],
        [0, 1],
      ],
    );
    kept.keep("c", 0, readOf(0));
    assert.deepEqual([has("b"), has("c")], [[0, 1], [0]]);
    kept.forget("a");
    for (let after = 2; after < 5; after++) kept.keep("b", after, readOf(after));
    assert.deepEqual([has("b"), has("c")], [[0, 1, 2, 3, 4], [0]], "what was forgotten counts no more");
  });
});
