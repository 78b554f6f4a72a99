import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLengths } from "./check-lengths.ts";
import { ScratchFolder } from "./scratch-folder.ts";

test("a file of 400 lines passes and one of 401 is refused, by its ending", () => {
  using scratch = new ScratchFolder();
  for (const ending of ["ts", "tsx", "mjs", "css", "json"]) {
    scratch.write(`src/fits.${ending}`, "x\n".repeat(400));
    scratch.write(`src/long.${ending}`, "x\n".repeat(401));
    scratch.write(`src/open.${ending}`, `${"x\n".repeat(400)}x`);
    scratch.write(`node_modules/long.${ending}`, "x\n".repeat(401));
  }
  const refused = checkLengths(scratch.root).map(({ path }) => path);
  assert.deepEqual(
    refused,
    ["css", "mjs", "ts", "tsx"]
      .map((ending) => `src/long.${ending}`)
      .concat(["css", "mjs", "ts", "tsx"].map((ending) => `src/open.${ending}`)),
  );
});
