import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { displayName, MAX_NAME_CHARACTERS } from "./display-name.ts";

describe("displayName", () => {
  test("[PAGE-7] a common name stays as it is", () => {
    for (const name of ["Ada", "Grace Hopper", "Søren", "王小明", "שרה", "Zoë 👩‍🚀", "O'Neil-Smith"]) {
      assert.equal(displayName(name), name);
    }
  });

  test("[PAGE-7] what can't be seen, or turns the line around, is dropped", () => {
    assert.equal(displayName("\u202eadA\u202c"), "adA");
    assert.equal(displayName("A\u200bd\u0000a\ufeff"), "Ada");
    assert.equal(displayName("\u200dAda\u200d"), "Ada");
    assert.equal(displayName(" A \n\t b "), "A b");
  });

  test("[PAGE-7] a stack of marks is cut to two", () => {
    assert.equal([...(displayName(`x${"\u0335".repeat(50)}y`) ?? "")].length, 4);
  });

  test("[PAGE-7] nothing to see is no name", () => {
    for (const name of ["", "  ", "\u200b", "\u200d", undefined, 7, null, {}])
      assert.equal(displayName(name), null);
  });

  test("[PAGE-7] no text of any kind breaks it, and what comes out is short and settled", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const name = displayName(text);
        if (name === null) return;
        assert.ok([...name].length <= MAX_NAME_CHARACTERS);
        assert.ok(name.isWellFormed());
        assert.equal(displayName(name), name);
      }),
    );
  });
});
