import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkDocs } from "./check-docs.ts";
import { closeRows, errorRows } from "./check-error-tables.ts";
import { formatProblem } from "./problem.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const SOUND = {
  "README.md":
    "See [the wire](docs/protocol.md#rules), [home](https://example.org) and `packages/a/src/b.ts`.",
  "ARCHITECTURE.md":
    "`b.ts`, `packages/a/src/*.ts`, `packages/a/`, `GET /rooms`.\n```\npackages/not/there.ts\n```\n",
  "CONTRIBUTING.md": "Run `npm test`.",
  "docs/protocol.md": "- **[SUB-1]** One.\n| [SUB-2] | Two, as [SUB-1]. |\n",
  "docs/guarantees.md": "1. `[KEEP-1]` Kept. Also [SUB-2].",
  "docs/errors.md": [...errorRows(), ...closeRows()].join("\n"),
  "packages/testkit/README.md": "# The testkit",
  "packages/a/src/b.ts": "",
  "packages/a/src/b.test.ts": 'test("[SUB-1] [KEEP-1] holds", () => {});\ntest(`[SUB-2] ${name}`, () => {});',
};

function problems(files: Record<string, string>): string[] {
  using scratch = new ScratchFolder({ ...SOUND, ...files });
  return checkDocs(scratch.root).map(formatProblem);
}

function assertRefused(files: Record<string, string>, expected: RegExp): void {
  const found = problems(files);
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(found[0] as string, expected);
}

describe("checkDocs", () => {
  test("pages that speak of what there is pass", () => assert.deepEqual(problems({}), []));

  test("a page that must be there and is not is named", () => {
    using scratch = new ScratchFolder();
    const missing = checkDocs(scratch.root).map(({ path }) => path);
    assert.deepEqual(
      missing,
      Object.keys(SOUND).filter((path) => path.endsWith(".md")),
    );
  });

  test("a cited path that does not exist is refused with its line", () => {
    assertRefused({ "README.md": "\n`packages/a/src/c.ts`" }, /^README\.md:2: cites packages\/a\/src\/c\.ts/);
    assertRefused({ "README.md": "[x](docs/none.md)" }, /cites docs\/none\.md/);
    assertRefused({ "docs/adr/1.md": "[x](../none.md)" }, /^docs\/adr\/1\.md:1: cites \.\.\/none\.md/);
    assertRefused({ "README.md": "`packages/a/src/*.css`" }, /cites packages\/a\/src\/\*\.css/);
    assertRefused({ "ARCHITECTURE.md": "`gone.ts`" }, /cites gone\.ts/);
  });

  test("a rule without a test is refused", () => {
    assertRefused(
      { "docs/protocol.md": `${SOUND["docs/protocol.md"]}- [SUB-3] Three.` },
      /\[SUB-3\], which no test cites/,
    );
    assertRefused(
      { "packages/a/src/b.test.ts": 'test("[SUB-1] [KEEP-1]"); // [SUB-2]\ntest("x")' },
      /\[SUB-2\], which no test cites/,
    );
  });

  test("a rule that is cited and defined nowhere is refused", () => {
    assertRefused({ "apps/x/e2e/y.e2e.ts": 'test("[SUB-9] nothing", f)' }, /y\.e2e\.ts:1: cites \[SUB-9\]/);
    assertRefused({ "packages/testkit/src/contracts/c.ts": 'test("[LOG-9] nothing", f)' }, /cites \[LOG-9\]/);
    assertRefused(
      { "docs/guarantees.md": "1. `[KEEP-1]` Kept, as [SUB-8] says." },
      /guarantees\.md:1: cites \[SUB-8\]/,
    );
  });

  test("a rule that is defined twice is refused", () => {
    assertRefused(
      { "docs/guarantees.md": "- [KEEP-1] a\n- [KEEP-1] b" },
      /:2: defines \[KEEP-1\] again; docs\/guarantees\.md:1/,
    );
  });

  test("an error table that lacks a row, or says something else, is refused", () => {
    const rows = [...errorRows(), ...closeRows()];
    const [first] = rows as [string];
    assertRefused(
      { "docs/errors.md": rows.slice(1).join("\n") },
      /lacks this row:\n {4}\| `bad-frame` \| 400/,
    );
    assertRefused({ "docs/errors.md": rows.slice(0, -1).join("\n") }, /lacks this row:\n {4}\| 4502/);
    assertRefused(
      { "docs/errors.md": [...rows, "| `made-up` | 400 | never | What? |"].join("\n") },
      /row on `made-up`/,
    );
    const altered = [first.replace("400", "401"), ...rows.slice(1)].join("\n");
    assert.equal(problems({ "docs/errors.md": altered }).length, 2);
  });

  test("blanks in an error table and further cells do not count", () => {
    const wide = [...errorRows(), ...closeRows()].map((row) => `${row.replaceAll(" | ", "   |  ")} more |`);
    assert.deepEqual(problems({ "docs/errors.md": wide.join("\n") }), []);
  });
});
