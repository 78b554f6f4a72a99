import assert from "node:assert/strict";
import { test } from "node:test";
import { checkExamples, countCode } from "./check-examples.ts";
import { ScratchFolder } from "./scratch-folder.ts";

test("blank lines and comments are no code, whatever follows a comment's end", () => {
  const text =
    "/** One\n * two\n */\n\nlet a = 1; // three\n// four\n/* five */\n  b();\n/** six */\nlet c = `/*`;\n";
  assert.equal(countCode(text), 3);
  assert.equal(countCode(""), 0);
});

test("an example of 399 lines of code passes and one of 400 is refused, in however many files", () => {
  using scratch = new ScratchFolder();
  const lines = (count: number): string => "x;\n\n// why\n".repeat(count);
  scratch.write("examples/stock-ticker/feed.ts", lines(399));
  scratch.write("examples/stock-ticker/feed.test.ts", lines(300));
  scratch.write("examples/game/world.ts", lines(200));
  scratch.write("examples/game/page/main.ts", lines(199));
  assert.deepEqual(checkExamples(scratch.root), []);
  scratch.write("examples/game/page/scene.mjs", lines(1));
  assert.deepEqual(
    checkExamples(scratch.root).map(({ path }) => path),
    ["examples/game"],
  );
});

test("an example that isn't there is no short one", () => {
  using scratch = new ScratchFolder();
  scratch.write("examples/game/world.ts", "x;\n");
  assert.deepEqual(
    checkExamples(scratch.root).map(({ path }) => path),
    ["examples/stock-ticker"],
  );
});
