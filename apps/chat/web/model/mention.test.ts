import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mentions } from "./mention.ts";

describe("mentions", () => {
  test("[ROOMS-2] a whole name behind an @ speaks to you, in any case", () => {
    for (const text of ["@Ada", "so, @ada: look", "@@ADA!", "(@Ada)", "@Ada's", "@adam and @ada"])
      assert.ok(mentions(text, "Ada"), text);
    for (const text of ["Ada", "@adam", "mail@ada.example", "@ada_", "@adá"]) {
      assert.ok(!mentions(text, "Ada"), text);
    }
    assert.ok(mentions("@Grace Hopper, hello", "Grace Hopper"));
  });
});
