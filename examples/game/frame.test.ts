import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { frameOf, readInput } from "./frame.ts";
import { addPlayer, createWorld } from "./world.ts";

describe("what page and server say to each other", () => {
  test("an input is four whole numbers within their bounds, and anything else is none", () => {
    assert.deepEqual(readInput([7, -100, 100, 50]), [7, -100, 100, 50]);
    const others = [
      null,
      1,
      "",
      {},
      [],
      [1, 2, 3],
      [1, 2, 3, 4, 5],
      [256, 0, 0, 0],
      [-1, 0, 0, 0],
      [0, 101, 0, 0],
    ];
    others.push(
      [0, 0, -101, 0],
      [0, 0, 0, 51],
      [0, 0.5, 0, 0],
      ["0", 0, 0, 0] as never,
      [0, null, 0, 0] as never,
    );
    for (const other of others) assert.equal(readInput(other), null, JSON.stringify(other));
  });

  test("a frame of fifty players is whole numbers, under 2,000 bytes", () => {
    const world = createWorld(3);
    for (let slot = 0; slot < 50; slot += 1) addPlayer(world, `p${slot}`, slot);
    const frame = frameOf(9_999, 1_000_000, world, new Map([["p49", 255]]));
    assert.equal(frame[2].length, 300);
    assert.deepEqual([frame[2].at(-6), frame[2].at(-1)], [49, 255]);
    assert.ok([...frame[2], ...frame[3]].every(Number.isInteger));
    assert.ok(JSON.stringify(frame).length < 2_000, `${JSON.stringify(frame).length} bytes`);
  });
});
