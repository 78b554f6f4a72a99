import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import type { Append } from "../room-log.ts";
import { AppendQueue } from "./append-queue.ts";

function append(seq: number, admit: Append["admit"]): Append {
  return {
    ...{ room: "r", from: "who", producer: "p", seq, afterSeq: 0, re: undefined },
    ...{ bodyJson: "1", remember: true, admit },
  };
}

/** Gives it an append a millisecond, each answered while the next waits; whether it ever held one back. */
async function isSpaced(admit: Append["admit"], ms: number): Promise<boolean> {
  const clock = new FakeClock();
  const sent: number[] = [];
  const queue = new AppendQueue((group) => void sent.push(group.length), clock);
  for (let seq = 1; seq <= ms; seq++) {
    clock.advance(1);
    void queue.add(append(seq, admit));
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.pendingCount > 0) return true;
    if (sent.length > 1) queue.takeAnswered();
    if (sent.length > 1) sent.shift();
  }
  return false;
}

describe("the queue of appends", () => {
  test("[LOG-45] appends that only ask whether they are stored already are no reason to space the others", async () => {
    assert.equal(await isSpaced("any", 2_000), true);
    assert.equal(await isSpaced("duplicate", 2_000), false);
  });
});
