import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseForm } from "./form-fields.ts";

describe("fields of a form", () => {
  test("[LIVE-21] come back as a browser wrote them", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })), {
          selector: ([name]) => name,
          maxLength: 32,
        }),
        (pairs) => {
          const fields = parseForm(new URLSearchParams(pairs).toString());
          assert.ok(typeof fields !== "string");
          assert.deepEqual([...fields], pairs);
        },
      ),
    );
  });

  test("[LIVE-21] what is not percent-encoded UTF-8 is refused and never repaired", () => {
    for (const text of ["a=%", "a=%zz", "a=%ff", "%c3=1", "a=%ed%a0%80", "a=b&c=%e2%82"]) {
      assert.equal(typeof parseForm(text), "string", text);
    }
  });

  test("[LIVE-21] of two of one name the first counts, and more than 32 are refused", () => {
    assert.deepEqual(
      parseForm("a=1&&a=2&b&=3"),
      new Map([
        ["a", "1"],
        ["b", ""],
        ["", "3"],
      ]),
    );
    assert.deepEqual(parseForm(""), new Map());
    assert.equal(typeof parseForm("a=1&".repeat(40)), "string");
  });
});
