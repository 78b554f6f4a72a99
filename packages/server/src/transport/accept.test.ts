import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wantsEventStream } from "./accept.ts";

describe("what a reader of a room accepts", () => {
  test("[SSE-59] an event stream is what is named and not wanted less than JSON", () => {
    for (const accept of [
      "text/event-stream",
      "Text/Event-Stream; charset=utf-8",
      "text/html, text/event-stream;q=0.5, */*",
      "application/json;q=0.1, text/event-stream; q=0.2",
      "text/event-stream;q=x",
    ]) {
      assert.equal(wantsEventStream(accept), true, accept);
    }
    for (const accept of [
      undefined,
      "",
      "*/*",
      "text/*",
      "text/event-streams",
      "text/event-stream;q=0",
      "text/event-stream; q=0.0, */*",
      "application/json, text/event-stream;q=0.5",
    ]) {
      assert.equal(wantsEventStream(accept), false, accept);
    }
  });
});
