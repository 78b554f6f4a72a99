import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KeptTexts } from "./kept-texts.ts";
import { isQuietAt, keepNoticeSettings, NO_NOTICES, readNoticeSettings } from "./notice-settings.ts";

describe("notices", () => {
  test("[NOTICE-3] quiet hours go over midnight, begin with their first minute and end before their last", () => {
    const night = { from: "22:00", to: "07:00" };
    const quiet = (...times: readonly string[]): readonly boolean[] =>
      times.map((time) => isQuietAt(time, night));
    assert.deepEqual(quiet("21:59", "22:00", "23:59", "00:00", "06:59", "07:00"), [
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
    const noon = { from: "12:00", to: "13:30" };
    assert.deepEqual(
      ["11:59", "12:00", "13:29", "13:30", "00:00"].map((time) => isQuietAt(time, noon)),
      [false, true, true, false, false],
    );
    assert.equal(isQuietAt("15:00", { from: "08:00", to: "08:00" }), true);
    assert.equal(isQuietAt("15:00", null), false);
  });

  test("[NOTICE-2] nothing is asked for until somebody does, whatever else may be kept", () => {
    const kept = (text: string | null) =>
      readNoticeSettings(
        new KeptTexts({ getItem: () => text, setItem: () => undefined, removeItem: () => undefined }),
      );
    for (const text of [
      null,
      "",
      "{",
      "[]",
      "7",
      '{"shown":"yes","heard":1,"quiet":{"from":"25:00","to":"x"}}',
    ])
      assert.deepEqual(kept(text), NO_NOTICES, String(text));
    const texts = new KeptTexts(null);
    const wanted = { isShown: true, isHeard: false, quiet: { from: "21:00", to: "06:30" } };
    keepNoticeSettings(texts, wanted);
    assert.deepEqual(readNoticeSettings(texts), wanted);
  });
});
