import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { StoredMessage } from "@parlor/log";
import { encodeMessagesFrame } from "@parlor/protocol";
import fc from "fast-check";
import { cutIntoBatches, EncodedBatch, type BatchEncoder } from "./encoded-batch.ts";
import { RecentBatches, RecentBudget } from "./recent-batches.ts";

function message(offset: number, text = "x"): StoredMessage {
  return { offset, from: "i", producer: "producer", seq: offset, at: 1, bodyJson: JSON.stringify(text) };
}

describe("encoded batches", () => {
  test("[SLOW-4] a batch is encoded once for each form, however many take it", () => {
    let encodings = 0;
    const encoder: BatchEncoder = {
      encode() {
        encodings += 1;
        return Buffer.from("bytes");
      },
    };
    const batch = new EncodedBatch("r", "e", 0, [message(1)]);
    assert.equal(batch.bytesFor(encoder), batch.bytesFor(encoder));
    assert.equal(encodings, 1);
  });

  test("[GROW-42] a bulky form is shared by those who are sent it together, and not kept with the batch", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    let encodings = 0;
    const encode = (): Buffer => {
      encodings += 1;
      return Buffer.alloc(1_000_000);
    };
    const batch = new EncodedBatch("r", "e", 0, [message(1)]);
    const [bulky, kept] = [{ encode, isBulky: true }, { encode }];
    for (let reader = 0; reader < 3; reader++) batch.bytesFor(bulky);
    batch.bytesFor(kept);
    assert.equal(encodings, 2);
    // What a weak reference gave out lives to the end of its turn.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    batch.bytesFor(kept);
    assert.equal(encodings, 2);
    batch.bytesFor(bulky);
    assert.equal(encodings, 3);
  });

  test("[CHAIN-4] messages gather up to 64 KiB a frame, in any script, and a larger one travels alone", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            skip: fc.integer({ min: 1, max: 3 }),
            length: fc.constantFrom(1, 900, 20_000, 60_000),
          }),
          {
            minLength: 1,
            maxLength: 25,
          },
        ),
        fc.constantFrom("x", "é", "漢", "😀"),
        (shapes, character) => {
          let offset = 0;
          const messages = shapes.map(({ skip, length }) =>
            message((offset += skip), character.repeat(length)),
          );
          const batches = cutIntoBatches("room", "e", 0, messages);
          let cursor = 0;
          for (const batch of batches) {
            assert.equal(batch.after, cursor, "the chain is whole");
            cursor = batch.last;
            const bytes = Buffer.byteLength(encodeMessagesFrame(batch.room, batch.after, batch.texts));
            assert.ok(bytes <= 65_536 || batch.messages.length === 1, `${bytes} bytes in one frame`);
          }
          assert.deepEqual(
            batches.flatMap((batch) => batch.messages),
            messages,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test("[CHAIN-1] what lies behind a cursor inside a batch follows that cursor", () => {
    const batch = new EncodedBatch("r", "e", 4, [message(5), message(7), message(9)]);
    assert.equal(batch.behind(4), batch);
    const part = batch.behind(7);
    assert.equal(part.after, 7);
    assert.deepEqual(
      part.messages.map((m) => m.offset),
      [9],
    );
  });
});

describe("recent batches", () => {
  const fill = (recent: RecentBatches, count: number, size: number): void => {
    for (let i = 0; i < count; i++)
      recent.push(new EncodedBatch("r", "e", i, [message(i + 1, "x".repeat(size))]));
  };

  const offsets = (batch: EncodedBatch | null): number[] | undefined =>
    batch?.messages.map(({ offset }) => offset);

  test("[CHAIN-1] give the batch that follows a cursor, and nothing before what they keep", () => {
    const recent = new RecentBatches(1e6, new RecentBudget(1e9));
    fill(recent, 10, 40_000);
    assert.deepEqual(offsets(recent.next(4)), [5]);
    assert.equal(recent.next(10), null);
    recent.clear();
    assert.equal(recent.next(4), null);
  });

  test("[CHAIN-1] small batches are taken joined, behind any cursor, by all who come with the same one", () => {
    const budget = new RecentBudget(1e9);
    const recent = new RecentBatches(1e6, budget);
    fill(recent, 10, 10);
    const joined = recent.next(4);
    assert.deepEqual(offsets(joined), [5, 6, 7, 8, 9, 10]);
    assert.equal(joined?.after, 4);
    assert.equal(recent.next(4), joined);
    recent.push(new EncodedBatch("r", "e", 10, [message(11), message(12)]));
    assert.deepEqual(offsets(recent.next(8)), [9, 10, 11, 12]);
    assert.deepEqual(offsets(recent.next(11)), [12]);
    recent.clear();
    assert.equal(recent.next(4), null);
    assert.equal(budget.usedBytes, 0, "what was kept of them is given back");
  });

  test("[CHAIN-4] batches are joined up to a frame at most", () => {
    const recent = new RecentBatches(1e6, new RecentBudget(1e9));
    fill(recent, 10, 10_000);
    const joined = recent.next(0);
    assert.ok(joined !== null && joined.messages.length > 1 && joined.texts.join().length <= 65_536);
    assert.equal(offsets(recent.next(joined.last))?.[0], joined.last + 1);
  });

  test("[GROW-42] hold at most their bytes, and a sixteenth of them where all rooms together hold too much", () => {
    const budget = new RecentBudget(300_000);
    const alone = new RecentBatches(60_000, budget);
    fill(alone, 300, 1_000);
    assert.ok(budget.usedBytes <= 60_000);
    alone.clear();
    const first = new RecentBatches(480_000, budget);
    fill(first, 85, 1_000);
    const before = budget.usedBytes;
    assert.ok(before > 270_000 && before <= 300_000, "the first room fills what there is");
    const second = new RecentBatches(480_000, budget);
    fill(second, 300, 1_000);
    assert.ok(budget.usedBytes - before <= 30_000, "the second room keeps a sixteenth");
    first.clear();
    second.clear();
    assert.equal(budget.usedBytes, 0, "what is forgotten is given back");
  });
});
