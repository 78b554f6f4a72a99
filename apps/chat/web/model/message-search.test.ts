import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { MessageSearch } from "./message-search.ts";

describe("the search for messages", () => {
  test("[SEARCH-22] whoever was in no room yet is told that, and the server is not asked", () => {
    const clock = new FakeClock();
    const search = new MessageSearch(() => assert.fail("asked"), clock);
    search.look({ text: "tea", rooms: [], from: null, since: null, until: null });
    const { value } = search.state;
    assert.match(value.kind === "failed" ? value.sentence : "", /nothing to look in/);
    assert.equal(search.isAsking.value, false);
    clock.advance(10_000);
  });
});
