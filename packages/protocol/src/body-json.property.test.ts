import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bodyFromJson, bodyToJson } from "./body-json.ts";

/** Bodies with bytes anywhere, and with members whose names look like the form of bytes. */
const bodies = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.boolean(), fc.constant(null), fc.base64String()),
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    fc.array(tie("body"), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom("$bytes", "$$bytes", "bytes", "$", "__proto__"), fc.string()),
      tie("body"),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    ),
  ),
})).body;

/** Compared as JSON text, too, where a member called __proto__ is one. */
function assertSame(actual: unknown, expected: unknown): void {
  assert.deepEqual(actual, expected);
  assert.equal(JSON.stringify(actual), JSON.stringify(expected));
}

describe("bodies with bytes as JSON", () => {
  test("[BYTES-3] [BYTES-4] whatever a body holds, its text stands for it and for nothing else", () => {
    fc.assert(
      fc.property(bodies, bodies, (one, other) => {
        const text = bodyToJson(one) as string;
        assertSame(bodyFromJson(text), one);
        if (text === bodyToJson(other)) assertSame(one, other);
      }),
      { numRuns: 2_000 },
    );
  });

  test("[BYTES-4] every JSON text stands for a body, and that one's text for the same", () => {
    fc.assert(
      fc.property(bodies, (value) => {
        // As somebody wrote it who knows nothing of bytes.
        const body = bodyFromJson(JSON.stringify(value));
        assertSame(bodyFromJson(bodyToJson(body) as string), body);
      }),
      { numRuns: 2_000 },
    );
  });

  test("[BYTES-3] the form is base64url without padding, as everybody's libraries write it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const form = `{"$bytes":"${Buffer.from(bytes).toString("base64url")}"}`;
        assert.equal(bodyToJson(bytes), form);
        assert.deepEqual(bodyFromJson(form), new Uint8Array(bytes));
        assert.equal(bodyToJson(Buffer.from(bytes)), form, "Node's Buffer has a JSON form of its own");
      }),
    );
  });

  test("[BYTES-4] what only looks like the form is what it looks like, and one more $ is taken from what was escaped", () => {
    for (const text of [
      '{"$bytes":5}',
      '{"$bytes":"A"}',
      '{"$bytes":"AQ=="}',
      '{"$bytes":"A/+B"}',
      '{"$bytes":"AQ\\nID"}',
      '{"$bytes":"AQID","more":1}',
      '{"bytes":"AQID"}',
      '["$bytes","AQID"]',
    ]) {
      assert.deepEqual(bodyFromJson(text), JSON.parse(text), text);
    }
    assert.deepEqual(bodyFromJson('{"$$bytes":"AQID"}'), { $bytes: "AQID" });
    assert.deepEqual(bodyFromJson('{"$$$bytes":1}'), { $$bytes: 1 });
    assert.deepEqual(bodyFromJson('{"\\u0024\\u0062ytes":"AQID"}'), new Uint8Array([1, 2, 3]));
    assert.equal(bodyToJson({ $bytes: "AQID" }), '{"$$bytes":"AQID"}');
  });

  test("[BYTES-7] other views of memory are refused, which JSON would turn into something else", () => {
    for (const view of [new Float32Array(2), new DataView(new ArrayBuffer(2)), new ArrayBuffer(2)]) {
      assert.throws(() => bodyToJson({ data: [view] }), TypeError);
    }
  });
});
