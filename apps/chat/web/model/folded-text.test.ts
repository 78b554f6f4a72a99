import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { foldedText } from "./folded-text.ts";

describe("foldedText", () => {
  test("[BAD-4] a text of common length is shown whole", () => {
    assert.equal(foldedText("a\n".repeat(59)), null);
    assert.equal(foldedText("a".repeat(3_000)), null);
  });

  test("[BAD-4] a text of very many characters, or of very many lines, is folded to its beginning", () => {
    assert.equal(foldedText("a".repeat(3_001)), "a".repeat(1_500));
    assert.equal(foldedText("\n".repeat(30_000)), "\n".repeat(29));
    assert.equal(foldedText("a\n".repeat(61)), `${"a\n".repeat(29)}a`);
  });

  test("[BAD-4] no character is cut in two", () => {
    assert.ok(foldedText(`a${"😀".repeat(2_000)}`)?.isWellFormed());
  });
});
