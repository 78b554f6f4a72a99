import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ScratchFolder } from "../scratch-folder.ts";
import { MUTANTS } from "./all.ts";
import type { Mutant } from "./mutant.ts";
import { ScratchCopy } from "./scratch-copy.ts";
import { runSound, tryMutant } from "./try-mutant.ts";

/** A repository of two packages: the second one's test notices what is wrong in the first. */
function repository(): ScratchFolder {
  return new ScratchFolder({
    "package.json": '{ "workspaces": ["packages/*"], "type": "module" }',
    "layers.json": '{ "layers": {} }',
    "node_modules/@x/a/index.ts": 'throw new Error("the original was taken, not the copy");',
    "node_modules/tool/package.json": '{ "name": "tool", "exports": "./index.js", "type": "module" }',
    "node_modules/tool/index.js": "export const two = 2;",
    "packages/a/package.json": '{ "name": "@x/a", "exports": "./index.ts", "type": "module" }',
    "packages/a/index.ts":
      'import { two } from "tool";\nexport const add = (a: number, b: number): number => a + b + two - 2;\n',
    "packages/b/package.json": '{ "name": "@x/b", "type": "module" }',
    "packages/b/b.test.ts":
      'import { test } from "node:test"; import assert from "node:assert"; import { add } from "@x/a";\n' +
      'test("adds", () => assert.equal(add(1, 2), 3)); test("adds nothing", () => assert.equal(add(0, 0), 0));',
    "packages/b/other.test.ts": 'import { test } from "node:test"; test("other", () => {});',
  });
}

const FILE = "packages/a/index.ts";
const mutant = (
  find: string,
  replace: string,
  tests = ["packages/b/b.test.ts", "packages/b/other.test.ts"],
): Mutant => ({
  name: "m",
  harm: "h",
  edits: [{ file: FILE, find, replace }],
  tests,
});

describe("tryMutant", () => {
  const cases: readonly [what: string, mutant: Mutant, expected: object][] = [
    [
      "one that a test notices is caught, and by which",
      mutant("a + b", "a - b"),
      { kind: "caught", by: [{ file: "packages/b/b.test.ts", tests: ["adds"] }] },
    ],
    ["one that no test notices survived", mutant("a + b", "b + a"), { kind: "survived" }],
    [
      "one whose text is gone is stale",
      mutant("a * b", "a"),
      { kind: "stale", why: `${FILE} holds the text to replace 0 times: a * b` },
    ],
    [
      "one whose text is there twice is stale",
      mutant("number", "number"),
      { kind: "stale", why: `${FILE} holds the text to replace 3 times: number` },
    ],
  ];
  for (const [what, each, expected] of cases) {
    test(what, async () => {
      using original = repository();
      using scratch = new ScratchCopy(original.root);
      assert.deepEqual(await tryMutant(scratch, each, new Map()), expected);
      const [copied, kept] = [scratch.root, original.root].map((root) =>
        readFileSync(join(root, FILE), "utf8"),
      );
      assert.equal(copied, kept, "the copy is mended");
    });
  }

  test("one that does not load is not taken for caught", async () => {
    using original = repository();
    using scratch = new ScratchCopy(original.root);
    const verdict = await tryMutant(scratch, mutant("a + b", "a + + * b"), new Map());
    assert.equal(verdict.kind, "does-not-run");
  });

  test("tests that fail on sound code are named before anything is broken", async () => {
    using original = repository();
    original.write(
      "packages/b/b.test.ts",
      'import { test } from "node:test"; test("bad", () => { throw 1; });',
    );
    using scratch = new ScratchCopy(original.root);
    const { sound, failing } = await runSound(scratch, ["packages/b/b.test.ts", "packages/b/other.test.ts"]);
    assert.deepEqual([...sound.keys()], ["packages/b/other.test.ts"]);
    assert.match(failing[0] as string, /^packages\/b\/b\.test\.ts: bad/);
  });
});

describe("the mutants of this repository", () => {
  const root = join(import.meta.dirname, "..", "..");

  test("each has a name of its own", () => {
    assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  });

  for (const { name, edits, tests } of MUTANTS) {
    test(`"${name}" fits the code and names tests that are there`, () => {
      for (const { file, find } of edits) {
        assert.equal(readFileSync(join(root, file), "utf8").split(find).length - 1, 1, `${file}: ${find}`);
      }
      for (const file of tests) assert.ok(existsSync(join(root, file)), file);
    });
  }
});
