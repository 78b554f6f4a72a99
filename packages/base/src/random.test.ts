import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { randomId, systemRandom } from "./random.ts";

describe("randomId", () => {
  test("has the length asked for, of characters that need no escaping anywhere", () => {
    for (const length of [0, 1, 16, 64])
      assert.match(randomId(length), new RegExp(`^[A-Za-z0-9_-]{${length}}$`));
  });

  test("uses every character, evenly", () => {
    const counts = new Map<string, number>();
    for (const character of randomId(64_000)) counts.set(character, (counts.get(character) ?? 0) + 1);
    assert.equal(counts.size, 64);
    for (const count of counts.values()) assert.ok(count > 800 && count < 1200, `${count} of about 1000`);
  });

  test("is another one every time", () => {
    assert.equal(new Set(Array.from({ length: 10_000 }, () => randomId(16))).size, 10_000);
  });
});

test("systemRandom lies in [0, 1)", () => {
  for (let i = 0; i < 1000; i++) {
    const value = systemRandom();
    assert.ok(value >= 0 && value < 1);
  }
});
