import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connectionWords } from "./connection-words.ts";

describe("connectionWords", () => {
  test("[PAGE-15] the way is named while there is one", () => {
    assert.deepEqual(connectionWords({ kind: "live" }, "stream"), {
      word: "Connected",
      way: "by event stream",
    });
    assert.deepEqual(connectionWords({ kind: "live" }, null), { word: "Connected", way: "" });
    assert.deepEqual(connectionWords({ kind: "reconnecting" }, "poll"), { word: "Reconnecting", way: "" });
  });
});
