import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isReservedRoom, isRoomName, roomNameFault } from "./room-name.ts";

const isName = (name: string): boolean => {
  const isOne = isRoomName(name);
  assert.equal(isOne, roomNameFault(name) === null, name.slice(0, 20));
  return isOne;
};

describe("roomNameFault", () => {
  test("[ROOM-1] a name is 1 to 128 bytes of UTF-8", () => {
    for (const name of ["a", "x".repeat(128), "é".repeat(64), "日".repeat(42), "🎈".repeat(32)]) {
      assert.equal(isName(name), true, name);
    }
    assert.match(roomNameFault("") as string, /not empty/);
    for (const name of [
      "x".repeat(129),
      `${"é".repeat(64)}x`,
      "日".repeat(43),
      `${"🎈".repeat(32)}x`,
      "x".repeat(1e6),
    ]) {
      assert.equal(isName(name), false);
      assert.match(roomNameFault(name) as string, /at most 128 bytes/, name.slice(0, 20));
    }
  });

  test("[ROOM-1] a name is a string, and well-formed", () => {
    for (const name of [undefined, null, 0, {}, ["lobby"]])
      assert.match(roomNameFault(name) as string, /a string/);
    for (const name of ["\ud800", "a\udc00b", "\udc00\ud800"]) {
      assert.equal(isName(name), false);
      assert.match(roomNameFault(name) as string, /lone surrogate/);
    }
  });

  test("[ROOM-1] a name has no control characters, of either range", () => {
    for (let code = 0; code <= 0x9f; code++) {
      const isControl = code < 0x20 || code >= 0x7f;
      const name = `a${String.fromCharCode(code)}b`;
      assert.equal(isName(name), !isControl, `U+${code.toString(16)}`);
    }
  });

  test("[ROOM-1] one dot and two dots are no names, three are", () => {
    assert.deepEqual([".", "..", "...", ".a", "a.", ". "].map(isName), [
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  test("[ROOM-2] of two spellings of one name only that in NFC is a name, and none is changed", () => {
    const twins = [
      ["caf\u00e9", "cafe\u0301"],
      ["\u00c5", "\u212b"],
      ["\uac00", "\u1100\u1161"],
    ] as const;
    for (const [composed, other] of twins) {
      assert.equal(roomNameFault(composed), null);
      assert.match(roomNameFault(other) as string, /NFC/);
      assert.equal(isName(other), false);
    }
  });

  test("[ROOM-2] names that look odd are names: they are told apart by their bytes alone", () => {
    for (const name of [
      "%2e%2e",
      "con",
      "a/b",
      "a b",
      " ",
      "__proto__",
      "constructor",
      "\u2028",
      "\u202e",
      "-1",
      "٣",
    ]) {
      assert.equal(isName(name), true, name);
    }
  });

  test("[ROOM-3] names that begin with @ belong to the server", () => {
    assert.deepEqual(["@", "@ada", "ada@", " @ada", "ada"].map(isReservedRoom), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test("[ROOM-1] any value at all gets an answer, and what is a name survives its way through bytes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 140 }),
          fc.string({ unit: "grapheme" }),
          fc.anything(),
        ),
        (name) => {
          if (roomNameFault(name) !== null) return;
          const bytes = new TextEncoder().encode(name as string);
          assert.ok(bytes.length >= 1 && bytes.length <= 128);
          assert.equal(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), name);
          assert.equal((name as string).normalize("NFC"), name);
        },
      ),
    );
  });
});
