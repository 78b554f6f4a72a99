import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { asQuestion } from "@parlor/log";
import { appendOf, FakeClock } from "@parlor/testkit";
import { decideBatch, type DecidedBatch } from "./decide-batch.ts";
import { refusalsOf } from "./refusals-of.ts";
import { RoomFold } from "./room-fold.ts";

type Appended = ReturnType<typeof appendOf>;

function decide(fold: RoomFold, append: Appended, mayProposeRefusal = (): boolean => true): DecidedBatch {
  return decideBatch(fold, [append], 1_000, 1_000_000, mayProposeRefusal);
}

/** A room in which somebody said something. */
function usedRoom(): RoomFold {
  const fold = new RoomFold("epoch");
  const { draft } = decide(fold, appendOf("lobby", 1));
  assert.ok(draft);
  fold.step(1, { id: "a", epoch: "epoch", prev: 0, prevId: "", base: 0, ...draft });
  assert.equal(fold.lastSeq, 1);
  return fold;
}

describe("a refusal", () => {
  test("[ONCE-66] of a question whether something is stored is held against the cluster, not what a node has heard that may lag", () => {
    const asked = decide(new RoomFold("epoch"), asQuestion(appendOf("lobby", 1)));
    assert.deepEqual([asked.results[0]?.kind, asked.needsHead], ["unknown-producer", true]);
    // What a rate does not admit is sent again, and need not be known for sure.
    assert.equal(
      decide(new RoomFold("epoch"), appendOf("lobby", 1, { admit: "duplicate" })).needsHead,
      false,
    );
  });

  test("[GROW-76] is a record of its own 200 times at once and 20 times a second; beyond that the leader is asked", () => {
    const fold = usedRoom();
    const clock = new FakeClock();
    const refusals = refusalsOf(clock);
    const refuse = (): DecidedBatch =>
      decide(fold, appendOf("lobby", 9, { from: "stranger" }), () => refusals.take(clock.monotonic()));
    for (let i = 0; i < 200; i++) assert.ok(refuse().draft);
    const { draft, results, needsHead } = refuse();
    assert.deepEqual([draft, results[0]?.kind, needsHead], [null, "unknown-producer", true]);
    // What is stored with others anyway costs none of it.
    assert.ok(decide(fold, appendOf("lobby", 2), () => false).draft);
    clock.advance(50);
    assert.ok(refuse().draft);
    assert.equal(refuse().draft, null);
  });
});
