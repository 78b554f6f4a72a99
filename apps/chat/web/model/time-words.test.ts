import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { dayOf } from "./day.ts";
import { dayWords } from "./time-words.ts";

describe("dayWords", () => {
  test("[PAGE-3] today and yesterday have their names, other days their date", () => {
    assert.equal(dayWords("2026-11-22", "2026-11-22"), "Today");
    assert.equal(dayWords("2026-11-21", "2026-11-22"), "Yesterday");
    assert.equal(dayWords("2026-02-28", "2026-03-01"), "Yesterday");
    assert.doesNotMatch(dayWords("2026-11-20", "2026-11-22"), /2026/);
    assert.match(dayWords("2025-12-31", "2026-11-22"), /2025/);
  });
});

describe("dayOf", () => {
  test("[PAGE-3] a day ends at the reader's own midnight", () => {
    const midnight = new Date(2026, 10, 22).getTime();
    assert.equal(dayOf(midnight), "2026-11-22");
    assert.equal(dayOf(midnight - 1), "2026-11-21");
  });
});
