import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sampleMessage } from "../test/sample-log.ts";
import { bodyBytes, shownBody, shownMessage } from "./message-body.ts";

describe("shownBody", () => {
  test("[PAGE-7] text with a name, a plain string and any other JSON are each shown", () => {
    assert.deepEqual(shownBody({ text: "hi", name: "Ada" }), { kind: "text", text: "hi", name: "Ada" });
    assert.deepEqual(shownBody("hi"), { kind: "text", text: "hi", name: null });
    assert.deepEqual(shownBody({ n: [1, null] }), { kind: "json", text: '{"n":[1,null]}' });
    assert.deepEqual(shownBody(null), { kind: "json", text: "null" });
    assert.deepEqual(shownBody({ text: 7 }), { kind: "json", text: '{"text":7}' });
  });

  test("[PAGE-7] a name that is none is no name", () => {
    assert.deepEqual(shownBody({ text: "hi", name: 7 }), { kind: "text", text: "hi", name: null });
    assert.deepEqual(shownBody({ text: "hi", name: "\u202e \u200b" }), {
      kind: "text",
      text: "hi",
      name: null,
    });
  });
});

describe("shownMessage", () => {
  test("[PAGE-7] an erased message says so whatever its body", () => {
    assert.equal(shownMessage({ ...sampleMessage(1), redacted: true }).kind, "erased");
  });

  test("[PAGE-4] is read once for each message", () => {
    const message = sampleMessage(1);
    assert.equal(shownMessage(message), shownMessage(message));
  });
});

describe("bodyBytes", () => {
  test("[PAGE-10] counts what goes over the wire, not characters", () => {
    assert.equal(bodyBytes({ text: "", name: "" }), '{"text":"","name":""}'.length);
    assert.equal(bodyBytes({ text: "é€😀\n", name: "" }), '{"text":"","name":""}'.length + 2 + 3 + 4 + 2);
  });
});
