import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { formatPosition, isEpoch, isOffset, parseOffset, parsePosition } from "./position.ts";

const MAX = Number.MAX_SAFE_INTEGER;

describe("isOffset", () => {
  test("[FRAME-9] an offset is a whole number from 0 to 2^53 - 1", () => {
    for (const value of [0, 1, MAX]) assert.equal(isOffset(value), true);
    for (const value of [-1, -0, 0.5, MAX + 1, Infinity, Number.NaN, "1", null, undefined, 1n, true, [1]]) {
      assert.equal(isOffset(value), false, String(value));
    }
  });
});

describe("parseOffset", () => {
  test("[FRAME-9] in an address an offset is ASCII digits, without sign, point or leading zero", () => {
    assert.deepEqual(["0", "7", "120", String(MAX)].map(parseOffset), [0, 7, 120, MAX]);
    const wrong = [
      "",
      "-1",
      "+1",
      "01",
      "1.0",
      "1e3",
      "0x10",
      " 1",
      "1 ",
      "1\n",
      "٣",
      "१",
      "１",
      "1_0",
      "NaN",
    ];
    for (const text of [...wrong, "9007199254740992", "9".repeat(400)])
      assert.equal(parseOffset(text), null, text);
  });

  test("[FRAME-9] every offset is read back as it was written", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (offset) => assert.equal(parseOffset(String(offset)), offset)));
  });
});

describe("positions", () => {
  test("[FRAME-14] epoch:offset is read back as it was written", () => {
    const epochs = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
    fc.assert(
      fc.property(epochs, fc.maxSafeNat(), (epoch, offset) => {
        assert.equal(isEpoch(epoch), true);
        assert.deepEqual(parsePosition(formatPosition({ epoch, offset })), { epoch, offset });
      }),
    );
  });

  test("[FRAME-14] anything else is no position", () => {
    const wrong = [
      "",
      ":",
      "e",
      "e:",
      ":5",
      "e:-1",
      "e:05",
      "e:5:",
      "e e:5",
      "é:5",
      `${"e".repeat(65)}:5`,
      "e\n:5",
      "e:5\n",
    ];
    for (const text of [...wrong, "a:b:5"]) assert.equal(parsePosition(text), null, JSON.stringify(text));
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parsePosition(text)));
  });
});
