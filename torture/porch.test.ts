import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { holesIn } from "./porch.ts";

const PLACES = new Map(["a", "b", "c", "d"].map((text, at) => [text, at]));

describe("what one connection heard of a plain room", () => {
  test("[TORTURE-1] is the room from some place on, or it is said what is wrong with it", () => {
    for (const sound of [[], ["a"], ["a", "b", "c", "d"], ["c", "d"], ["b", "c"]])
      assert.deepEqual(holesIn(sound, PLACES), []);
    assert.match(
      holesIn(["a", "c"], PLACES).join(),
      /^skip: .* told c behind a, which is 2 places before it$/,
    );
    assert.match(holesIn(["a", "b", "b"], PLACES).join(), /^skip: .* told b behind b/);
    assert.match(holesIn(["b", "a"], PLACES).join(), /^skip: .* told a behind b/);
    assert.match(holesIn(["a", "x"], PLACES).join(), /^lost-write: .* x, which is not in the log$/);
  });
});
