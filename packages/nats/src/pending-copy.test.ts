import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeRecord, encodeRecord, type RoomRecord } from "./record.ts";
import { RoomFold } from "./room-fold.ts";

const message = (bodyJson: string | null, seq = 1) => ({
  ...{ from: "ada", producer: "p", seq, re: undefined, remember: false, bodyJson },
});
const part = (
  prev: number,
  base: number,
  bodies: readonly string[],
  copy: RoomRecord["copy"],
): RoomRecord => ({
  ...{
    id: "p",
    epoch: "here",
    prev,
    prevId: prev === 0 ? "" : "p",
    base,
    at: 9_000,
    ...(copy === undefined ? {} : { copy }),
  },
  ats: bodies.map((_, i) => 1_000 + base + i),
  messages: bodies.map((body) => message(body)),
});
const END = { epoch: "there.2", head: 5, earliest: 3, lastAt: 1_004 };

describe("a room that is copied", () => {
  /** As every node reads it, by way of bytes and of a snapshot in between. */
  const fold = (records: readonly (readonly [number, RoomRecord])[]): RoomFold => {
    let folded = new RoomFold("here");
    for (const [seq, record] of records) {
      folded.step(seq, decodeRecord(encodeRecord(record)));
      folded = RoomFold.restore(structuredClone(folded.snapshot()));
    }
    return folded;
  };

  test("[COPY-3] it holds nothing until its last record, and then at once what was copied", () => {
    const first = part(0, 2, ['"a"', '"b"'], { isFirst: true, source: "s" });
    const last = part(4, 4, ['"c"'], { source: "s", producers: [["ada\np", 7, 5, 1_004]], end: END });
    const half = fold([[4, first]]);
    assert.deepEqual([half.epoch, half.index.head, half.firstSeq], ["here", 0, 4]);
    const whole = fold([
      [4, first],
      [6, last],
    ]);
    const { epoch, index, lastAt } = whole;
    assert.deepEqual([epoch, index.head, index.earliest, index.bytes, lastAt], ["there.2", 5, 3, 9, 1_004]);
    assert.deepEqual(whole.markOf("ada", "p"), { seq: 7, offset: 5, usedAt: 1_004 });
    assert.deepEqual([index.find(4)?.seq, index.find(5)?.seq, whole.copying], [4, 6, null]);
    // It goes on from there as any room does.
    const next = { ...part(6, 5, ['"d"'], undefined), epoch: "there.2" };
    assert.equal(whole.step(8, next).kind, "valid");
  });

  test("[COPY-3] another source's part, one out of place and one after a publish are void", () => {
    const first = part(0, 2, ['"a"'], { isFirst: true, source: "s" });
    assert.equal(fold([[4, first]]).step(5, part(4, 3, ['"b"'], { source: "other" })).kind, "void");
    assert.equal(fold([[4, first]]).step(5, part(4, 4, ['"b"'], { source: "s" })).kind, "void");
    const between = part(4, 0, ['"mine"'], undefined);
    const published = fold([
      [4, first],
      [5, between],
    ]);
    assert.deepEqual([published.epoch, published.index.head, published.firstSeq], ["here", 1, 5]);
    assert.equal(published.step(6, part(5, 3, ['"b"'], { source: "s", end: END })).kind, "void");
    const anew = part(5, 0, ['"b"'], { isFirst: true, source: "s", end: END });
    assert.equal(published.step(7, anew).kind, "void", "a room that holds something is not copied over");
  });

  test("[COPY-3] a copy that begins anew counts alone", () => {
    const again = part(4, 2, ['"x"', '"y"', '"z"'], { isFirst: true, source: "other", end: END });
    const folded = fold([
      [4, part(0, 2, ['"a"'], { isFirst: true, source: "s" })],
      [5, again],
    ]);
    assert.deepEqual([folded.index.head, folded.index.recordCount, folded.firstSeq], [5, 1, 5]);
  });

  test("[COPY-9] what a later copy adds counts at once, with its own times, producers and nothing out of place", () => {
    const first = part(0, 2, ['"a"', '"b"', '"c"'], { isFirst: true, source: "s", end: END });
    const more = (prev: number, base: number, bodies: readonly string[], rest = {}): RoomRecord => ({
      ...part(prev, base, bodies, { isMore: true, source: "s", ...rest }),
      epoch: "there.2",
    });
    const copied = fold([[4, first]]);
    assert.equal(copied.copiedHead, 5);
    assert.equal(copied.step(5, more(4, 6, ['"e"'])).kind, "void", "a message would be missing");
    const head7 = { producers: [["ada\np", 9, 7, 1_006]], end: { ...END, head: 7, lastAt: 1_006 } };
    const added = fold([
      [4, first],
      [6, more(4, 5, ['"d"'])],
      [8, more(6, 6, ['"e"'], head7)],
    ]);
    assert.deepEqual([added.index.head, added.lastAt, added.copiedHead], [7, 1_006, 7]);
    assert.deepEqual(added.markOf("ada", "p"), { seq: 9, offset: 7, usedAt: 1_006 });
    // As far as copies wrote it, and no further.
    added.step(9, { ...part(8, 7, ['"mine"'], undefined), epoch: "there.2" });
    assert.deepEqual([added.index.head, added.copiedHead], [8, 7]);
    const erased = more(9, 8, [], { end: { ...END, head: 7 } });
    added.step(10, erased);
    assert.deepEqual([added.lastSeq, added.copiedHead], [10, 7], "what was written here is no copy");
    added.step(11, { ...part(10, 8, [], undefined), epoch: "there.2", isDelete: true });
    assert.deepEqual([added.epoch, added.copiedHead], ["there.2.1", null]);
  });
});
