import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CLOSE_CODES, ERROR_CODES, isErrorCode, isPermanentRefusal, mayComeBack } from "./codes.ts";

describe("error codes", () => {
  test("[FRAME-15] each has an HTTP status, a way to react and a sentence", () => {
    for (const [code, { status, retry, meaning }] of Object.entries(ERROR_CODES)) {
      assert.match(code, /^[a-z]+(-[a-z]+)*$/);
      assert.ok(status >= 400 && status <= 599, code);
      assert.ok(["never", "after-delay", "after-resume", "after-reauth"].includes(retry), code);
      assert.match(meaning, /^[A-Z].*\.$/, code);
    }
  });

  test("[FRAME-15] are known by their name alone, not by what every object has", () => {
    assert.equal(isErrorCode("bad-room"), true);
    for (const other of ["toString", "constructor", "__proto__", "", 1, null])
      assert.equal(isErrorCode(other), false);
  });

  test("[ONCE-30] after bad-*, too-large and forbidden a publish is over; after the others it is sent again", () => {
    const permanent = Object.keys(ERROR_CODES).filter(isPermanentRefusal);
    assert.deepEqual(permanent, ["bad-frame", "bad-room", "too-large", "forbidden"]);
    assert.equal(isPermanentRefusal("bad-something-of-later"), true);
    for (const code of ["rate-limited", "unavailable", "draining", "internal"])
      assert.equal(isPermanentRefusal(code), false);
  });
});

describe("close codes", () => {
  test("[FRAME-16] 4500 to 4999 mean do not come back, everything else does, known or not", () => {
    for (const code of [1000, 1001, 1005, 1006, 1009, 1011, 4000, 4001, 4499, 5000])
      assert.equal(mayComeBack(code), true);
    for (const code of [4500, 4502, 4700, 4999]) assert.equal(mayComeBack(code), false);
  });

  test("[FRAME-16] each stands once, in a range that WebSocket lets a server use", () => {
    const codes = Object.values(CLOSE_CODES).map(({ code }) => code);
    assert.equal(new Set(codes).size, codes.length);
    for (const code of codes) assert.ok([1001, 1009, 1011].includes(code) || (code >= 4000 && code <= 4999));
    for (const { code, meaning } of Object.values(CLOSE_CODES)) {
      assert.equal(/not (come back|spoken)/.test(meaning), !mayComeBack(code), `${code}: ${meaning}`);
    }
  });
});
