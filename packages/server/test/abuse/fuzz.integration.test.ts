import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fuzzHttp, fuzzSockets } from "./fuzz/fuzz-runs.ts";

/** How long each of them goes on, ms. `fuzz.long.test.ts` goes on for longer. */
const BUDGET_MS = 10_000;

describe("requests and bytes that are nearly right", () => {
  test("[ABUSE-40] every request to every address is answered whole, by the table and in words, and shows nothing of another room (O14, O25, B41)", async (t) => {
    assert.ok((await fuzzHttp(t, BUDGET_MS)) > 500, "enough to mean something");
  });

  test("[ABUSE-41] every stream of bytes on a socket is answered or closed as the protocol says, and shows nothing of another room (O14, O25, B10, B11)", async (t) => {
    assert.ok((await fuzzSockets(t, BUDGET_MS)) > 500, "enough to mean something");
  });
});
