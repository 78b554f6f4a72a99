import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import type { Message } from "@parlor/protocol";
import { sampleMessage } from "../test/sample-log.ts";
import { Arrivals, GATHER_MS } from "./arrivals.ts";

function scene() {
  const clock = new FakeClock();
  const taken: { readonly offsets: readonly number[]; readonly live: boolean }[] = [];
  const arrivals = new Arrivals(clock, (messages: readonly Message[], live) => {
    taken.push({ offsets: messages.map(({ offset }) => offset), live });
  });
  const add = (offset: number, live = true, isUrgent = false): void =>
    arrivals.add([sampleMessage(offset)], live, isUrgent);
  return { clock, arrivals, taken, add, offsets: () => taken.map(({ offsets }) => offsets) };
}

describe("Arrivals", () => {
  test("[HIST-3] in a quiet room a message is shown at once", () => {
    const { clock, add, offsets } = scene();
    add(1);
    clock.advance(GATHER_MS);
    add(2);
    assert.deepEqual(offsets(), [[1], [2]]);
  });

  test("[HIST-3] what comes soon after another is gathered, in order, and none is left out", () => {
    const { clock, add, offsets } = scene();
    for (const offset of [1, 2, 3]) add(offset);
    assert.deepEqual(offsets(), [[1]]);
    clock.advance(GATHER_MS);
    assert.deepEqual(offsets(), [[1], [2, 3]]);
    add(4);
    assert.deepEqual(offsets(), [[1], [2, 3]]);
    clock.advance(GATHER_MS);
    assert.deepEqual(offsets(), [[1], [2, 3], [4]]);
  });

  test("[HIST-3] what the person wrote is never held back, and comes behind what was gathered", () => {
    const { add, offsets } = scene();
    add(1);
    add(2);
    add(3, true, true);
    assert.deepEqual(offsets(), [[1], [2, 3]]);
  });

  test("[HIST-3] what was caught up and what is live are handed on apart", () => {
    const { arrivals, add, taken } = scene();
    add(1, false);
    add(2, false);
    add(3, true);
    arrivals.flush();
    assert.deepEqual(
      taken.map(({ live }) => live),
      [false, false, true],
    );
  });
});
