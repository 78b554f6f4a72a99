import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog, type Page, type RoomHead, type RoomLog } from "@parlor/log";
import { FakeClock } from "@parlor/testkit";
import fc from "fast-check";
import { Counters } from "./counters.ts";
import type { EncodedBatch } from "./encoded-batch.ts";
import { RecentBudget } from "./recent-batches.ts";
import { KeptReads } from "./kept-reads.ts";
import { NewestPages } from "./newest-pages.ts";
import { ReadPace } from "./read-pace.ts";
import { ReadTurns } from "./read-turns.ts";
import { Room } from "./room.ts";
import type { StartPosition } from "./start-position.ts";
import type { Subscription, SubscriptionSink } from "./subscription.ts";

/**
 * A room over a log whose answers come when the test says so, with readers whose send buffers fill and
 * drain when the test says so: every interleaving must end with every reader having every message once.
 */

/** Holds back the answers of `read` and `head` until they are let go, one at a time. */
class HeldLog {
  readonly inner: MemoryLog;
  readonly #held: (() => void)[] = [];

  constructor(inner: MemoryLog) {
    this.inner = inner;
  }

  asLog(): RoomLog {
    const hold = <T>(answer: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        this.#held.push(() => void answer.then(resolve, reject));
      });
    const log = Object.create(this.inner) as RoomLog;
    return Object.assign(log, {
      canLag: false,
      read: (...args: Parameters<RoomLog["read"]>): Promise<Page> => hold(this.inner.read(...args)),
      head: (...args: Parameters<RoomLog["head"]>): Promise<RoomHead> => hold(this.inner.head(...args)),
      tail: (...args: Parameters<RoomLog["tail"]>) => this.inner.tail(...args),
    });
  }

  get heldCount(): number {
    return this.#held.length;
  }

  async letGo(index: number): Promise<void> {
    const [go] = this.#held.splice(index % Math.max(1, this.#held.length), 1);
    go?.();
    await settled();
  }
}

/** Every look at it costs 2 ms, so that fan-out seems dear and the room gathers. */
class BusyClock extends FakeClock {
  #spentMs = 0;
  override monotonic(): number {
    this.#spentMs += 2;
    return super.monotonic() + this.#spentMs;
  }
}

/** Lets everything that waits on nothing but promises happen. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

class Reader implements SubscriptionSink {
  readonly offsets: number[] = [];
  readonly lost: number[] = [];
  cursor: number | null = null;
  isFull = false;
  /** Batches it takes before its buffer is full. */
  room = Infinity;
  fault: string | null = null;

  get isWritable(): boolean {
    return !this.isFull;
  }

  subscribed(_room: string, start: StartPosition): void {
    if (start.lost !== null && "from" in start.lost) {
      for (let offset = start.lost.from; offset <= start.lost.to; offset++) this.lost.push(offset);
    }
    if (this.cursor !== null && start.after < this.cursor)
      this.fault = "the chain was restarted behind the cursor";
    this.cursor = start.after;
  }

  deliver(batch: EncodedBatch): boolean {
    if (batch.after !== this.cursor)
      this.fault ??= `a batch follows ${batch.after}, the cursor is ${this.cursor}`;
    if (this.isFull) this.fault ??= "a batch came while the buffer was full";
    for (const message of batch.messages) this.offsets.push(message.offset);
    this.cursor = batch.last;
    this.room -= 1;
    this.isFull = this.room <= 0;
    return !this.isFull;
  }

  ended(): void {}
}

type Action =
  | { readonly kind: "publish"; readonly count: number; readonly size: number }
  | { readonly kind: "join"; readonly reader: number; readonly after: number }
  | { readonly kind: "answer"; readonly index: number }
  | { readonly kind: "fill"; readonly reader: number; readonly room: number }
  | { readonly kind: "drain"; readonly reader: number }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "trim"; readonly share: number }
  | { readonly kind: "forget" };

const READERS = 3;
const reader = fc.nat({ max: READERS - 1 });

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("publish" as const),
      count: fc.integer({ min: 1, max: 8 }),
      size: fc.constantFrom(1, 200, 30_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("join" as const), reader, after: fc.nat({ max: 100 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("answer" as const), index: fc.nat({ max: 5 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("fill" as const),
      reader,
      room: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("drain" as const), reader }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.integer({ min: 1, max: 400 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("trim" as const), share: fc.nat({ max: 100 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const) }) },
);

interface Joined {
  readonly reader: Reader;
  readonly from: number;
  subscription: Subscription | null;
}

async function play(actions: readonly Action[], coalesceMs: number, recentBytes: number): Promise<void> {
  const clock = new BusyClock();
  const memory = new MemoryLog({ clock });
  const log = new HeldLog(memory);
  const opening = Room.open("r", {
    log: log.asLog(),
    clock,
    counters: new Counters(),
    coalesceMs,
    recentBudget: new RecentBudget(recentBytes),
    readTurns: new ReadTurns(new ReadPace(clock, new Counters())),
    newestPages: new NewestPages(),
    readBounds: { maxMessages: 5, maxBytes: 100_000 },
    keptReads: new KeptReads({ minBytes: 0 }),
    onFault: (error) => assert.fail(String(error)),
  });
  await settled();
  await log.letGo(0);
  const room = await opening;
  const joined: Joined[] = [];
  const starts: Promise<unknown>[] = [];
  let seq = 0;
  let head = 0;

  for (const step of actions) {
    switch (step.kind) {
      case "publish":
        for (let i = 0; i < step.count; i++) {
          seq += 1;
          const result = await memory.append({
            room: "r",
            from: "i",
            producer: "producer",
            seq,
            afterSeq: seq - 1,
            bodyJson: JSON.stringify("x".repeat(step.size)),
            remember: true,
            admit: "any",
          });
          assert.equal(result.kind, "appended");
          if (result.kind === "appended") head = result.offset;
        }
        break;
      case "join": {
        if (joined.length > step.reader) break;
        const after = Math.floor((step.after / 100) * head);
        const entry: Joined = { reader: new Reader(), from: after, subscription: null };
        joined.push(entry);
        const request = { kind: "resume", epoch: undefined, after, atMost: undefined } as const;
        starts.push(
          room.subscribe(
            request,
            entry.reader,
            () => true,
            (subscription) => {
              entry.subscription = subscription;
            },
          ),
        );
        break;
      }
      case "answer":
        await log.letGo(step.index);
        break;
      case "fill": {
        const entry = joined[step.reader];
        if (entry !== undefined && !entry.reader.isFull) entry.reader.room = step.room;
        break;
      }
      case "drain": {
        const entry = joined[step.reader];
        if (entry === undefined) break;
        entry.reader.isFull = false;
        entry.reader.room = Infinity;
        entry.subscription?.drained();
        break;
      }
      case "time":
        clock.advance(step.ms);
        break;
      case "trim":
        if (head > 1) await memory.trim("r", 1 + Math.floor((step.share / 100) * head));
        break;
      case "forget":
        if (head > 0) await memory.redact("r", head);
        break;
    }
    await settled();
  }

  // Nothing stands in the way any more: everybody must get to the head.
  for (let turn = 0; turn < 400; turn++) {
    for (const entry of joined) {
      entry.reader.isFull = false;
      entry.reader.room = Infinity;
      entry.subscription?.drained();
    }
    while (log.heldCount > 0) await log.letGo(0);
    clock.advance(300);
    await settled();
    if (joined.every((entry) => entry.subscription?.isLive === true && entry.reader.cursor === head)) break;
  }
  await Promise.all(starts);

  for (const { reader: got, from, subscription } of joined) {
    assert.equal(got.fault, null);
    assert.equal(subscription?.isLive, true, "every reader is live at the end");
    assert.equal(got.cursor, head);
    const all = [...got.lost, ...got.offsets].sort((a, b) => a - b);
    const wanted = Array.from({ length: head - from }, (_, i) => from + 1 + i);
    assert.deepEqual(all, wanted, "every message once, or told as lost");
    assert.deepEqual(
      got.offsets,
      [...got.offsets].sort((a, b) => a - b),
      "in order",
    );
  }
  room.close();
}

describe("a room with slow and late readers", () => {
  test("[CHAIN-1] [SLOW-2] every reader gets every message once, in order, in a whole chain, at every interleaving", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 5, maxLength: 60 }),
        fc.constantFrom(0, 10),
        fc.constantFrom(0, 1_000_000),
        async (actions, coalesceMs, recentBytes) => {
          await play(actions, coalesceMs, recentBytes);
        },
      ),
      { numRuns: 400 },
    );
  });
});
