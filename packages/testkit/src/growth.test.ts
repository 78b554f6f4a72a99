import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { growthWhenDoubled } from "./growth.ts";

describe("growthWhenDoubled", () => {
  test("tells work that is linear from work that is quadratic", () => {
    let sum = 0;
    const linear = (size: number): void => {
      for (let i = 0; i < size * 100; i++) sum += i & 7;
    };
    const quadratic = (size: number): void => {
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sum += j & 7;
    };
    const [low, high] = [growthWhenDoubled(linear, 20_000), growthWhenDoubled(quadratic, 1_500)];
    assert.ok(sum > 0);
    assert.ok(low < 3, `${low}`);
    assert.ok(high > 3, `${high}`);
  });
});
