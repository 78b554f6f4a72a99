import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RoomHead } from "@parlor/log";
import { isBeyondHead, knownHead, newestAskedFor, planStart, type StartRequest } from "./start-position.ts";

const head = (over: Partial<RoomHead> = {}): RoomHead => ({
  epoch: "e1",
  head: 120,
  earliest: 1,
  after: 120,
  ...over,
});

const resume = (
  after: number,
  over: Partial<Extract<StartRequest, { kind: "resume" }>> = {},
): StartRequest => ({
  kind: "resume",
  epoch: "e1",
  after,
  atMost: undefined,
  ...over,
});

describe("where a subscription begins", () => {
  test("[FLOOD-5] a room answers a cursor within what it has seen without its log, and asks it about every other", () => {
    const feed = { epoch: "e1", reached: 120, earliest: 11, filling: null };
    assert.deepEqual(knownHead(resume(100), feed), head({ earliest: 11, after: 100 }));
    assert.deepEqual(knownHead(resume(100, { atMost: 20 }), feed), head({ earliest: 11, after: 100 }));
    for (const other of [
      resume(121),
      resume(9),
      resume(100, { atMost: 19 }),
      resume(100, { epoch: "e2" }),
      resume(100, { epoch: undefined }),
      { kind: "join", last: 0 } as const,
      { kind: "join", last: 500 } as const,
    ]) {
      assert.equal(knownHead(other, feed), null);
    }
    assert.equal(knownHead(resume(100), { ...feed, filling: { upTo: 130 } }), null);
  });

  test("[GROW-72] a join to a room without a message is answered without the log, unless it wants only what comes", () => {
    const feed = { epoch: "e1", reached: 0, earliest: 1, filling: null };
    const empty = head({ head: 0, after: 0 });
    assert.deepEqual(knownHead({ kind: "join", last: 50 }, feed), empty);
    // It must not be told what another node has acknowledged before it came.
    assert.equal(knownHead({ kind: "join", last: 0 }, feed), null);
    assert.equal(knownHead({ kind: "join", last: 50 }, { ...feed, filling: { upTo: 1 } }), null);
    // Deleted, and not written to again: only the log knows the name of what begins.
    assert.equal(knownHead({ kind: "join", last: 50 }, { ...feed, epoch: "" }), null);
  });

  test("[CHAIN-3] a join begins behind the newest so many, and nothing is lost", () => {
    assert.equal(newestAskedFor({ kind: "join", last: 50 }), 50);
    assert.deepEqual(planStart({ kind: "join", last: 50 }, head({ after: 70 })), {
      epoch: "e1",
      after: 70,
      head: 120,
      earliest: 1,
      lost: null,
      skipped: null,
    });
  });

  test("[CHAIN-3] a resume begins behind its cursor", () => {
    assert.equal(planStart(resume(100), head()).after, 100);
    assert.equal(planStart(resume(120), head()).lost, null);
  });

  test("[LOST-1] what was trimmed behind a cursor is told, both ends included", () => {
    const start = planStart(resume(10), head({ earliest: 31 }));
    assert.deepEqual(start.lost, { from: 11, to: 30 });
    assert.equal(start.after, 30);
    assert.equal(
      planStart(resume(30), head({ earliest: 31 })).lost,
      null,
      "the cursor is just before the earliest",
    );
  });

  test("[LOST-2] another epoch is told, and delivery goes on from the earliest that is kept", () => {
    const start = planStart(resume(100, { epoch: "old" }), head({ earliest: 5 }));
    assert.deepEqual(start.lost, { epoch: true });
    assert.equal(start.after, 4);
  });

  test("[LOST-3] what atMost leaves out is skipped, not lost", () => {
    const start = planStart(resume(10, { atMost: 20 }), head({ after: 100 }));
    assert.deepEqual(start.skipped, { from: 11, to: 100 });
    assert.equal(start.lost, null);
    assert.equal(start.after, 100);
  });

  test("[LOST-3] atMost beyond what there is leaves out nothing", () => {
    const start = planStart(resume(110, { atMost: 500 }), head({ after: 0 }));
    assert.equal(start.skipped, null);
    assert.equal(start.after, 110);
  });

  test("[LOST-4] a cursor beyond the head belongs to another history, if no node can lag", () => {
    assert.equal(isBeyondHead(resume(121), head()), true);
    assert.equal(isBeyondHead(resume(120), head()), false);
    assert.equal(isBeyondHead(resume(999, { epoch: "old" }), head()), false);
    assert.deepEqual(planStart(resume(121), head()).lost, { epoch: true });
    assert.equal(planStart(resume(121), head()).after, 0);
  });

  test("[LOST-5] a cursor without an epoch is taken in whatever epoch there is", () => {
    assert.equal(planStart(resume(100, { epoch: undefined }), head({ epoch: "other" })).lost, null);
  });
});
