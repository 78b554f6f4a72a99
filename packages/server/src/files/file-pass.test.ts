import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { passEnd, passHolder, signPass } from "./file-pass.ts";

const HOUR = 3_600_000;
const claims = { room: "library", identity: "ann", until: 2 * HOUR };

describe("a pass to a room's files", () => {
  test("[FILE-11] names its holder in its room until it ends, and nobody where a character of it is another", () => {
    const pass = signPass(claims, "secret");
    assert.equal(passHolder(pass, "library", "secret", 2 * HOUR - 1), "ann");
    assert.equal(passHolder(pass, "library", "secret", 2 * HOUR), null);
    assert.equal(passHolder(pass, "lobby", "secret", 0), null);
    assert.equal(passHolder(pass, "library", "another", 0), null);
    for (let at = 0; at < pass.length; at++) {
      const other = pass[at] === "b" ? "c" : "b";
      assert.equal(passHolder(pass.slice(0, at) + other + pass.slice(at + 1), "library", "secret", 0), null);
    }
    for (const nonsense of ["", ".", "a.b.c", `${pass}.`, `${pass}=`, "9".repeat(5_000)])
      assert.equal(passHolder(nonsense, "library", "secret", 0), null);
  });

  test("[FILE-11] holds an hour at least and two at most, and all of one hour are the same", () => {
    for (const now of [0, 1, HOUR - 1, HOUR, 5.5 * HOUR]) {
      const left = passEnd(now) - now;
      assert.ok(left > HOUR && left <= 2 * HOUR, `${left}`);
    }
    assert.equal(passEnd(7 * HOUR), passEnd(8 * HOUR - 1));
    assert.equal(
      passHolder(signPass({ ...claims, identity: "Zoë, 日本" }, "s"), "library", "s", 0),
      "Zoë, 日本",
    );
  });
});
