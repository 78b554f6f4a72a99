import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CodedError } from "@parlor/base";
import { unavailable } from "@parlor/log";
import { patiently } from "./patiently.ts";

describe("what a cluster can't do for now", () => {
  test("is tried again until it can, and what it never can is said at once", async () => {
    let tries = 0;
    const done = await patiently(async () => {
      tries += 1;
      if (tries < 3) throw unavailable("JetStream system temporarily unavailable");
      return "done";
    });
    assert.deepEqual([done, tries], ["done", 3]);
    tries = 0;
    const never = patiently(async () => {
      tries += 1;
      throw new CodedError("bad-log", "the stream forgets");
    });
    await assert.rejects(never, { code: "bad-log" });
    assert.equal(tries, 1);
  });
});
