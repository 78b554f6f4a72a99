import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isJsonObject, jsonFault, parseJson } from "./json.ts";

/** An array in an array in an array …, so many levels of them. */
const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

describe("parseJson", () => {
  test("[FRAME-1] gives the value of what is JSON", () => {
    assert.deepEqual(parseJson('{"a":[1,null,"x"]}'), { ok: true, value: { a: [1, null, "x"] } });
  });

  test("[FRAME-1] says of what is no JSON that it is none, whatever it is", () => {
    for (const text of ["", "{", "undefined", "'a'", "\u0000", '{"a":1,}', "0x1", "+1", "01", "\ufeff{}"]) {
      assert.deepEqual(parseJson(text), { ok: false, fault: "not valid JSON" }, JSON.stringify(text));
    }
  });

  test("[FRAME-7] numbers beyond the doubles are refused with their path, wherever they stand", () => {
    for (const [text, path] of [
      ["1e400", "the top"],
      ["-1e400", "the top"],
      ['{"body":{"items":[0,{"n":1e999}]}}', "body.items[1].n"],
      ["[[1e400]]", "[0][0]"],
    ] as const) {
      const parsed = parseJson(text);
      assert.ok(!parsed.ok);
      assert.equal(parsed.fault, `a number outside the range of IEEE doubles at ${path}`);
    }
    // What is merely rounded is in range.
    for (const text of ["1e308", "5e-324", "1e-400", "9007199254740993", "0.1"])
      assert.ok(parseJson(text).ok);
  });

  test("[FRAME-8] a hundred levels are taken, one more is refused, a hundred thousand do no harm", () => {
    assert.ok(parseJson(nested(100)).ok);
    for (const levels of [101, 1_000, 100_000]) {
      const parsed = parseJson(nested(levels));
      assert.ok(!parsed.ok);
      assert.match(parsed.fault, /^nesting deeper than 100 at \[0\](\[0\])*…$/);
    }
    const objects = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    assert.equal(parseJson(objects).ok, false);
  });

  test("[FRAME-8] the depth that is refused is the one that was asked for", () => {
    const parsed = parseJson(nested(4), 3);
    assert.deepEqual(!parsed.ok && parsed.fault, "nesting deeper than 3 at [0][0][0]");
  });

  test("a path stays short enough for a sentence", () => {
    const parsed = parseJson(`{"${"k".repeat(10_000)}":{"b":1e400}}`);
    assert.ok(!parsed.ok && parsed.fault.length < 200);
  });

  test("members called __proto__ are members, and change nothing else", () => {
    const parsed = parseJson('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    assert.ok(parsed.ok);
    assert.deepEqual(Object.keys(parsed.value as object), ["__proto__", "constructor"]);
    assert.equal("polluted" in {}, false);
    assert.ok(!parseJson('{"__proto__":1e400}').ok);
  });

  test("[FRAME-1] takes whatever JSON.parse takes in range, and gives the same", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(parseJson(text), { ok: true, value: JSON.parse(text) });
      }),
    );
  });
});

describe("jsonFault", () => {
  test("[FRAME-7] finds nothing in what came out of a parser, and numbers that JSON can't carry", () => {
    assert.equal(jsonFault({ a: [true, "x", 1] }, 100), null);
    assert.match(jsonFault({ a: Number.NaN }, 100) as string, /at a$/);
  });
});

test("isJsonObject tells objects from arrays and null", () => {
  assert.deepEqual([{}, [], null, "x", undefined].map(isJsonObject), [true, false, false, false, false]);
});
