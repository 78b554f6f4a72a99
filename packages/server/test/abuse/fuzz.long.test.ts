import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fuzzHttp, fuzzSockets } from "./fuzz/fuzz-runs.ts";

/** As in `fuzz.integration.test.ts`, for five minutes each. */
const BUDGET_MS = 300_000;

describe("many requests and bytes that are nearly right", { timeout: 1_200_000 }, () => {
  test("[ABUSE-40] requests to every address (O14, O25)", async (t) => {
    assert.ok((await fuzzHttp(t, BUDGET_MS)) > 15_000, "enough to mean something");
  });

  test("[ABUSE-41] streams of bytes on a socket (O14, O25)", async (t) => {
    assert.ok((await fuzzSockets(t, BUDGET_MS)) > 15_000, "enough to mean something");
  });
});
