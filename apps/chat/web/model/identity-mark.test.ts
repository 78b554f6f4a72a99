import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { identityMark } from "./identity-mark.ts";

describe("identityMark", () => {
  test("[PAGE-11] one identity has one mark, and two that differ in one character have two", () => {
    const mark = identityMark("Zk3xP0aQb1cR2dS3eT4fU5");
    assert.deepEqual(mark, identityMark("Zk3xP0aQb1cR2dS3eT4fU5"));
    assert.notEqual(mark.tag, identityMark("Zk3xP0aQb1cR2dS3eT4fU6").tag);
    assert.match(mark.tag, /^[2-9a-hjkmnp-tv-z]{4}$/);
  });

  test("[PAGE-11] a thousand identities hardly share a tag, and use every colour", () => {
    const marks = Array.from({ length: 1_000 }, (_, index) => identityMark(`identity-${index}`));
    assert.ok(new Set(marks.map(({ tag }) => tag)).size > 995);
    assert.equal(new Set(marks.map(({ hue }) => hue)).size, 24);
  });
});
