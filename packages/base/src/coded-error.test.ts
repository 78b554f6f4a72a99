import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CodedError } from "./coded-error.ts";

describe("CodedError", () => {
  test("carries a code for programs beside its sentence", () => {
    const error = new CodedError("unavailable", "The log is full.");
    assert.ok(error instanceof Error);
    assert.deepEqual(
      [error.name, error.code, error.message],
      ["CodedError", "unavailable", "The log is full."],
    );
    assert.equal(error.retryAfterMs, undefined);
    assert.equal("cause" in error, false);
  });

  test("says how long to wait, and what was behind it", () => {
    const cause = new Error("ENOSPC");
    const error = new CodedError("unavailable", "Full.", { retryAfterMs: 0, cause });
    assert.equal(error.retryAfterMs, 0);
    assert.equal(error.cause, cause);
  });
});
