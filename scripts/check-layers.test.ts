import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkLayers } from "./check-layers.ts";
import { formatProblem } from "./problem.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const manifest = (name: string, ...dependencies: string[]): string =>
  JSON.stringify({ name, dependencies: Object.fromEntries(dependencies.map((each) => [each, "1.0.0"])) });

/** Three layers, of which the highest has a folder that is a layer of its own. */
const WORKSPACE = {
  "package.json": JSON.stringify({ workspaces: ["packages/*"], devDependencies: { tool: "1.0.0" } }),
  "layers.json": JSON.stringify({
    layers: {
      "packages/low": [],
      "packages/high/src/inner": ["packages/low"],
      "packages/high": ["packages/low"],
      "packages/testkit": ["packages/low", "packages/high"],
      scripts: ["packages/low"],
    },
  }),
  "packages/low/package.json": manifest("@x/low"),
  "packages/high/package.json": manifest("@x/high", "@x/low", "listed"),
  "packages/testkit/package.json": manifest("@x/testkit", "@x/low"),
  "packages/low/src/index.ts": "export const low = 1;",
  "packages/high/src/index.ts": "export const high = 1;",
  "packages/high/src/inner/a.ts": "export const a = 1;",
};

function problems(files: Record<string, string>): string[] {
  using scratch = new ScratchFolder({ ...WORKSPACE, ...files });
  return checkLayers(scratch.root).map(formatProblem);
}

function assertRefused(files: Record<string, string>, pattern: RegExp): void {
  const found = problems(files);
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(found[0] as string, pattern);
}

describe("checkLayers", () => {
  test("imports that point down, by the package's name, are fine", () => {
    const found = problems({
      "packages/high/src/b.ts":
        'import { low } from "@x/low"; import { a } from "./inner/a.ts"; import "listed/deep";',
      "packages/high/src/inner/b.ts":
        'import type { low } from "@x/low"; import { a } from "./a.ts"; import "node:fs";',
      "scripts/tool.ts": 'import { low } from "@x/low"; import "tool"; await import(process.argv[2]);',
    });
    assert.deepEqual(found, []);
  });

  test("an import that points up is refused, whatever form it has", () => {
    const forms = [
      'import { high } from "@x/high";',
      'import type { High } from "@x/high";',
      'export { high } from "@x/high";',
      'export type * from "@x/high";',
      'const high = await import("@x/high");',
      'type High = import("@x/high").High;',
    ];
    for (const form of forms) {
      using scratch = new ScratchFolder({
        ...WORKSPACE,
        "packages/low/package.json": manifest("@x/low", "@x/high"),
      });
      scratch.write("packages/low/src/b.ts", `\n${form}`);
      const found = checkLayers(scratch.root).map(formatProblem);
      assert.deepEqual(found, [
        'packages/low/src/b.ts:2: imports "@x/high" (packages/high), which packages/low may not see',
      ]);
    }
  });

  test("a folder that is a layer of its own may not reach up into its package", () => {
    assertRefused(
      { "packages/high/src/inner/b.ts": 'import { high } from "../index.ts";' },
      /inner may not see/,
    );
  });

  test("another package is never reached by a relative path", () => {
    assertRefused(
      { "packages/high/src/b.ts": 'import { low } from "../../low/src/index.ts";' },
      /high\/src\/b\.ts:1: .*by the package's name/,
    );
  });

  test("an import of what is not there is refused, in tests too", () => {
    assertRefused({ "packages/low/src/b.ts": 'import "./c.ts";' }, /"\.\/c\.ts", which does not exist/);
    assertRefused({ "packages/low/src/b.test.ts": 'import "./c.ts";' }, /does not exist/);
    assertRefused(
      { "packages/low/src/b.ts": 'new Worker(new URL("./w.ts", import.meta.url));' },
      /does not exist/,
    );
  });

  test("a package that the manifest does not list is refused", () => {
    assertRefused({ "packages/low/src/b.ts": 'import "unheard-of";' }, /package\.json does not list/);
    assertRefused({ "packages/low/src/b.ts": 'import "tool";' }, /package\.json does not list/);
    assertRefused(
      { "packages/high/package.json": manifest("@x/high"), "packages/high/src/b.ts": 'import "@x/low";' },
      /does not list/,
    );
  });

  test("a computed import is refused in what ships", () => {
    assertRefused({ "packages/low/src/b.ts": "await import(name);" }, /computed path/);
  });

  test("tests may import upward and tools, but nothing may import a test", () => {
    const test = 'import "@x/high"; import "@x/testkit"; import "tool"; import "../src/index.ts";';
    assert.deepEqual(problems({ "packages/low/test/b.ts": test }), []);
    assertRefused(
      { "packages/low/src/b.test.ts": "", "packages/low/src/c.ts": 'import "./b.test.ts";' },
      /part of a test/,
    );
  });

  test("files that import one another in a circle are refused, types too", () => {
    assertRefused(
      {
        "packages/low/src/b.ts": 'import type { C } from "./c.ts";',
        "packages/low/src/c.ts": 'export * from "./d.ts";',
        "packages/low/src/d.ts": 'import { b } from "./b.ts";',
      },
      /b\.ts: imports itself by way of .*c\.ts → .*d\.ts → .*b\.ts/,
    );
  });

  test("a file outside every layer is refused", () => {
    assertRefused({ "elsewhere/a.ts": "" }, /belongs to no layer/);
  });
});
