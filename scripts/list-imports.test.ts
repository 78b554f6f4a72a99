import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { listImports } from "./list-imports.ts";
import { tokenize } from "./source-tokens.ts";

const specifiers = (source: string): (string | null)[] => listImports(source).map((each) => each.specifier);

describe("listImports", () => {
  const forms: readonly [source: string, specifier: string | null][] = [
    ['import "./a.ts";', "./a.ts"],
    ['import a from "./a.ts";', "./a.ts"],
    ['import a, { b as c, type D } from "./a.ts";', "./a.ts"],
    ['import * as a from "./a.ts";', "./a.ts"],
    ['import type { A } from "./a.ts";', "./a.ts"],
    ['import type * as a from "./a.ts";', "./a.ts"],
    ["import {\n  a,\n  // why\n  b,\n} from './a.ts';", "./a.ts"],
    ['export { a } from "./a.ts";', "./a.ts"],
    ['export * from "./a.ts";', "./a.ts"],
    ['export * as a from "./a.ts";', "./a.ts"],
    ['export type { A } from "./a.ts";', "./a.ts"],
    ['export type * from "./a.ts";', "./a.ts"],
    ['const a = await import("./a.ts");', "./a.ts"],
    ["const a = await import(`./a.ts`);", "./a.ts"],
    ['type A = import("./a.ts").A;', "./a.ts"],
    ['const a = `x ${await import("./a.ts")} y`;', "./a.ts"],
    ['const a = require("./a.ts");', "./a.ts"],
    ['new Worker(new URL("./a.ts", import.meta.url));', "./a.ts"],
    ['new Worker(new URL("a.ts", import.meta.url));', "./a.ts"],
    ["const a = await import(name);", null],
    ["const a = await import(`./${name}.ts`);", null],
    ['import data from "./a.json" with { type: "json" };', "./a.json"],
  ];
  for (const [source, specifier] of forms) {
    test(`${JSON.stringify(source)} brings in ${specifier}`, () => {
      assert.deepEqual(specifiers(source), [specifier]);
    });
  }

  const none = [
    '// import "./a.ts";',
    '/* import "./a.ts"; */',
    `const text = 'import "./a.ts"';`,
    'const text = `import "./a.ts"`;',
    'const pattern = /import ".\\/a.ts"/;',
    'const { a } = b; const from = "./a.ts";',
    'export { a }; log("./a.ts");',
    'export const from = "./a.ts";',
    'export type A = "./a.ts";',
    'thing.import("./a.ts");',
    'const url = import.meta.resolve("./a.ts");',
    'new URL("./rooms", base);',
    'new URL("../", import.meta.url);',
    'new URL("../README.md", import.meta.url);',
  ];
  for (const source of none) {
    test(`${JSON.stringify(source)} brings in nothing`, () => assert.deepEqual(specifiers(source), []));
  }

  test("what looks odd before an import does not hide it", () => {
    const odd = [
      "const half = a / b / c;",
      "const quote = /['\"`]/g;",
      "const x = <p>Don't stop</p>;",
      "const nested = `a ${`b ${c} }`} d`;",
      "const o = { a: `${{ b: 1 }.b}` };",
      "const escaped = 'it\\'s';",
      "if (x) /y/.test(z);",
    ];
    for (const source of odd) {
      assert.deepEqual(specifiers(`${source}\nimport "./a.ts";\n`), ["./a.ts"], source);
    }
  });

  test("the line is the one where the statement begins", () => {
    const [first, second] = listImports('/* one\n two */\nimport {\n a } from "./a.ts";\nimport "./b.ts";');
    assert.equal(first?.line, 3);
    assert.equal(second?.line, 5);
  });
});

describe("tokenize", () => {
  test("strings come without quotes, templates by their fixed parts, comments not at all", () => {
    const tokens = tokenize("a('b', `c ${d} e`) // f");
    assert.deepEqual(
      tokens.map(({ kind, text }) => `${kind[0]}:${text}`),
      ["w:a", "p:(", "s:b", "p:,", "s:c ", "w:d", "s: e", "p:)"],
    );
  });

  test("any text at all comes to an end", () => {
    for (const source of ["`", "`${", "'", "/", "/*", "}", "`${`${`", "\\", "/[/", "#", "\u{1f600}"])
      tokenize(source);
  });
});
