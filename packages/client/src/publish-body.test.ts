import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkBody } from "./publish-body.ts";

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

describe("a body", () => {
  test("[CLIENT-25] any JSON value is taken, and counted in bytes of UTF-8", () => {
    for (const body of [null, 0, "", false, [], {}, "日本", nested(99), { a: [1, { b: null }] }]) {
      const { json, bytes } = checkBody(body, {});
      assert.deepEqual(JSON.parse(json), body);
      assert.equal(bytes, Buffer.byteLength(json));
    }
    assert.equal(checkBody("é", { maxBodyBytes: 4 }).bytes, 4);
    assert.throws(() => checkBody("é", { maxBodyBytes: 3 }), { code: "too-large" });
  });

  test("[CLIENT-25] what would be changed or lost on the way is refused in words", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const body of [
      undefined,
      () => 1,
      Symbol("s"),
      1n,
      { n: 1n },
      Number.NaN,
      { a: [Infinity] },
      cycle,
      nested(100),
    ]) {
      assert.throws(() => checkBody(body, {}), { code: "bad-frame" });
    }
    assert.throws(() => checkBody({ a: [Infinity] }, {}), /at a\[0\]/);
  });
});
