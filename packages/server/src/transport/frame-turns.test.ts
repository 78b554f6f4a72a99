import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FrameTurns, type FrameShare } from "./frame-turns.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function newcomer(): FrameShare {
  return { turn: -1, taken: 0 };
}

/** How many frames one connection has in this turn, where it sends without end. */
function takenAtOnce(turns: FrameTurns, share: FrameShare): number {
  for (let taken = 1; ; taken++) if (!turns.took(share) || taken === 1_000) return taken;
}

describe("the turns of frames", () => {
  test("[GROW-70] a connection has 32 frames in one turn of the event loop, and as many in the next", async () => {
    const turns = new FrameTurns();
    const share = newcomer();
    assert.equal(takenAtOnce(turns, share), 32);
    assert.equal(takenAtOnce(turns, newcomer()), 32, "another one has its own");
    await nextTurn();
    assert.equal(takenAtOnce(turns, share), 32);
  });

  test("[GROW-70] all together have 256, and past them each has one", async () => {
    const turns = new FrameTurns();
    const each = Array.from({ length: 20 }, () => takenAtOnce(turns, newcomer()));
    assert.deepEqual(each, [...Array<number>(8).fill(32), ...Array<number>(12).fill(1)]);
    await nextTurn();
    assert.equal(takenAtOnce(turns, newcomer()), 32);
  });

  test("[GROW-70] who sends one frame a turn never waits, however long", async () => {
    const turns = new FrameTurns();
    const share = newcomer();
    for (let i = 0; i < 100; i++) {
      assert.equal(turns.took(share), true);
      await nextTurn();
    }
  });
});
