import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StoredMessage } from "@parlor/log";
import { encodeMessagesFrame } from "@parlor/protocol";
import fc from "fast-check";
import { cutIntoBatches, EncodedBatch, type BatchEncoder } from "./encoded-batch.ts";
import { Gathering } from "./gathering.ts";
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

  test("[CHAIN-1] give the batch that follows a cursor, and nothing before what they keep", () => {
    const recent = new RecentBatches(1e6, new RecentBudget(1e9));
    fill(recent, 10, 10);
    assert.deepEqual(
      recent.next(4)?.messages.map((m) => m.offset),
      [5],
    );
    assert.equal(recent.next(10), null);
    recent.clear();
    assert.equal(recent.next(4), null);
  });

  test("[GROW-42] hold at most their bytes, and a sixteenth of them where all rooms together hold too much", () => {
    const budget = new RecentBudget(100_000);
    const alone = new RecentBatches(20_000, budget);
    fill(alone, 300, 1_000);
    assert.ok(budget.usedBytes <= 20_000);
    alone.clear();
    const first = new RecentBatches(160_000, budget);
    fill(first, 85, 1_000);
    const before = budget.usedBytes;
    assert.ok(before > 90_000 && before <= 100_000, "the first room fills what there is");
    const second = new RecentBatches(160_000, budget);
    fill(second, 300, 1_000);
    assert.ok(budget.usedBytes - before <= 10_000, "the second room keeps a sixteenth");
    first.clear();
    second.clear();
    assert.equal(budget.usedBytes, 0, "what is forgotten is given back");
  });
});

describe("gathering", () => {
  test("[SLOW-5] a room whose fan-out is cheap sends at once", () => {
    const gathering = new Gathering(10);
    assert.equal(gathering.delayMs, 0);
    gathering.spent(0.05);
    assert.equal(gathering.delayMs, 0);
  });

  test("[SLOW-5] a room whose fan-out is dear waits, never longer than the bound, and stops when it is cheap again", () => {
    const gathering = new Gathering(10);
    gathering.spent(2);
    assert.ok(gathering.delayMs > 1 && gathering.delayMs <= 10);
    gathering.spent(500);
    assert.equal(gathering.delayMs, 10);
    for (let i = 0; i < 60; i++) gathering.spent(0.01);
    assert.equal(gathering.delayMs, 0);
  });
});
