import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sampleMessage, SELF } from "../test/sample-log.ts";
import { BLOCK_ROWS, rowBlocks, type Drawn } from "./row-blocks.ts";
import { layOutRows, type Row } from "./rows.ts";

/** Rows of messages from one offset to another, and the day above them. */
function rowsOf(from: number, to: number, readTo: number | null = null): readonly Row[] {
  const messages = Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
  return layOutRows({ from, to, messages, lost: [], above: message(from - 1) }, [], SELF, undefined, readTo);
}

const all = Array.from({ length: 60 }, (_, offset) => sampleMessage(offset));
const message = (offset: number) => all[offset] ?? sampleMessage(offset);

/** Offsets of each block, or the kind of what stands by itself. */
function shape(drawn: readonly Drawn[]): readonly unknown[] {
  return drawn.map((each) => (each.kind === "block" ? each.rows.map(({ offset }) => offset) : each.kind));
}

describe("rowBlocks", () => {
  test("[HIST-10] messages are cut into blocks of a few, between what stands by itself", () => {
    const drawn = rowBlocks(rowsOf(1, BLOCK_ROWS + 4, 2), []);
    assert.deepEqual(shape(drawn), ["day", [1, 2], "unread", [3, 4, 5, 6, 7, 8, 9, 10], [11, 12]]);
  });

  test("[HIST-10] what comes above is a block of its own, what comes below makes the last one longer, and no other changes", () => {
    const before = rowBlocks(rowsOf(20, 38), []);
    const after = rowBlocks(rowsOf(14, 41), before);
    assert.deepEqual(shape(after).slice(1, 3), [
      [14, 15, 16, 17, 18, 19],
      [20, 21, 22, 23, 24, 25, 26, 27],
    ]);
    assert.deepEqual(shape(after).slice(-1), [[36, 37, 38, 39, 40, 41]]);
    assert.equal(after[2], before[1]);
    assert.equal(after[3], before[2]);
    assert.equal(after[4]?.key, before[3]?.key);
  });

  test("[HIST-10] what is let go at an end leaves every other row in its block", () => {
    const before = rowBlocks(rowsOf(20, 38), []);
    const after = rowBlocks(rowsOf(23, 36), before);
    assert.deepEqual(shape(after).slice(1), [[23, 24, 25, 26, 27], [28, 29, 30, 31, 32, 33, 34, 35], [36]]);
    assert.deepEqual(
      after.slice(1).map(({ key }) => key),
      before.slice(1).map(({ key }) => key),
    );
    assert.equal(after[2], before[2]);
  });

  test("[HIST-10] a line through a block makes it two, of different keys", () => {
    const before = rowBlocks(rowsOf(1, 8), []);
    const after = rowBlocks(rowsOf(1, 8, 3), before);
    assert.deepEqual(shape(after), ["day", [1, 2, 3], "unread", [4, 5, 6, 7, 8]]);
    assert.equal(after[1]?.key, before[1]?.key);
    assert.equal(new Set(after.map(({ key }) => key)).size, 4);
  });
});
