import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sampleMessage } from "../test/sample-log.ts";
import { joinRuns, keepNewest, keepOldest, runBehind, type Run } from "./run.ts";

function run(from: number, to: number, ...offsets: number[]): Run {
  return { from, to, messages: offsets.map((offset) => sampleMessage(offset)), lost: [] };
}

function offsets(joined: Run | null): number[] {
  return joined?.messages.map(({ offset }) => offset) ?? [];
}

describe("joinRuns", () => {
  test("[PAGE-6] runs that touch become one, whichever is named first", () => {
    const low = run(1, 4, 1, 2, 4);
    const high = run(5, 9, 7, 9);
    for (const joined of [joinRuns(low, high), joinRuns(high, low)]) {
      assert.deepEqual([joined?.from, joined?.to, offsets(joined)], [1, 9, [1, 2, 4, 7, 9]]);
    }
  });

  test("[PAGE-6] runs with an uncovered offset between them are not joined", () => {
    assert.equal(joinRuns(run(1, 4, 1, 4), run(6, 9, 6)), null);
  });

  test("[PAGE-6] a message that both hold is there once", () => {
    assert.deepEqual(offsets(joinRuns(run(1, 6, 2, 4, 6), run(4, 9, 4, 6, 9))), [2, 4, 6, 9]);
  });

  test("[PAGE-3] an erased body wins over the text, whichever came first", () => {
    const text = run(3, 3, 3);
    const erased: Run = { ...text, messages: [{ ...sampleMessage(3), body: null, redacted: true }] };
    for (const joined of [joinRuns(text, erased), joinRuns(erased, text)]) {
      assert.equal(joined?.messages[0]?.redacted, true);
    }
  });

  test("[PAGE-5] a lost stretch that both know of is told once", () => {
    const lost = [{ from: 2, to: 3 }];
    assert.deepEqual(joinRuns({ ...run(1, 5, 1), lost }, { ...run(5, 8, 8), lost })?.lost, lost);
  });
});

describe("what stands above a run", () => {
  test("[HIST-9] is what its uppermost part knows, whatever is joined to it and let go below", () => {
    const known = { ...run(5, 9, 7, 9), above: sampleMessage(3) };
    const lower = { ...run(10, 12, 12), above: sampleMessage(9) };
    for (const joined of [joinRuns(known, lower), joinRuns(lower, known)])
      assert.equal(joined?.above?.offset, 3);
    assert.equal(keepOldest(known, 1).above?.offset, 3);
    assert.equal(joinRuns(run(1, 4, 4), known)?.above, undefined);
  });
});

describe("keepNewest, keepOldest", () => {
  test("[PAGE-4] what is let go is no longer covered", () => {
    const { above, ...newest } = keepNewest(run(1, 9, 2, 4, 6, 9), 2);
    assert.deepEqual(newest, run(6, 9, 6, 9));
    assert.equal(above?.offset, 4);
    assert.deepEqual(keepOldest(run(1, 9, 2, 4, 6, 9), 2), run(1, 4, 2, 4));
  });

  test("[PAGE-4] a run within the bound is left as it is", () => {
    const small = run(1, 9, 2, 4);
    assert.equal(keepNewest(small, 2), small);
    assert.equal(keepOldest(small, 2), small);
    assert.deepEqual(runBehind(7), run(8, 7));
  });
});
