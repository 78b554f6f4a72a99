import assert from "node:assert/strict";
import { test } from "node:test";
import { findProgram } from "./find-program.ts";

test("a program is found by its variable, else in the PATH, else it is named with how to get it", () => {
  const { PATH, PARLOR_STRACE } = process.env;
  try {
    process.env["PARLOR_STRACE"] = "/somewhere/strace";
    assert.equal(findProgram("strace"), "/somewhere/strace");
    delete process.env["PARLOR_STRACE"];
    assert.match(findProgram("strace"), /\/strace$/);
    process.env["PATH"] = "/nowhere";
    assert.throws(
      () => findProgram("strace"),
      /strace is not here: install strace .*apt-get install -y strace/,
    );
  } finally {
    process.env["PATH"] = PATH;
    if (PARLOR_STRACE !== undefined) process.env["PARLOR_STRACE"] = PARLOR_STRACE;
  }
});
