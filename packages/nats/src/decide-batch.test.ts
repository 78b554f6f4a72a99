import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { asQuestion } from "@parlor/log";
import { appendOf } from "@parlor/testkit";
import { decideBatch } from "./decide-batch.ts";
import { RoomFold } from "./room-fold.ts";

describe("a question whether something is stored", () => {
  test("[ONCE-66] is denied by what the cluster has, not by what a node has heard that may lag", () => {
    const decide = (append: ReturnType<typeof appendOf>) =>
      decideBatch(new RoomFold("epoch"), [append], 1_000, 1_000_000);
    const asked = decide(asQuestion(appendOf("lobby", 1)));
    assert.deepEqual([asked.results[0]?.kind, asked.needsHead], ["unknown-producer", true]);
    // What a rate does not admit is sent again, and need not be known for sure.
    assert.equal(decide(appendOf("lobby", 1, { admit: "duplicate" })).needsHead, false);
  });
});
