import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { sourceFiles } from "./source-files.ts";
import { tokenize } from "./source-tokens.ts";

const ROOT = join(import.meta.dirname, "..");

function json(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Record<string, unknown>;
}

describe("what the product stands on", () => {
  test("the WebSocket library is one that bounds fragments and pongs, as declared and as installed (O26)", () => {
    const { dependencies } = json("packages/server/package.json") as { dependencies: { ws: string } };
    const { version } = json("node_modules/ws/package.json") as { version: string };
    assert.equal(version, dependencies.ws, "pinned exactly, and installed as pinned");
    const [major = 0, minor = 0] = version.split(".").map(Number);
    assert.ok(major > 8 || (major === 8 && minor >= 23), `ws ${version} is older than 8.23`);
  });

  test("text never becomes code: the linter refuses it, and no source of the product has it (O18)", () => {
    const { rules } = json(".oxlintrc.json") as { rules: Record<string, unknown> };
    for (const rule of ["eslint/no-eval", "eslint/no-new-func"]) assert.equal(rules[rule], "error");
    const sources = sourceFiles(ROOT, [".ts", ".js", ".mjs"]).filter(
      (path) => /^(packages\/[a-z]+\/src|apps|examples)\//.test(path) && !/\.(test|e2e)\.ts$/.test(path),
    );
    assert.ok(sources.length > 150, "the sources were found");
    for (const path of sources) {
      const tokens = tokenize(readFileSync(join(ROOT, path), "utf8"));
      for (const [i, { kind, text, line }] of tokens.entries()) {
        const isCode =
          kind === "word" && (text === "eval" || (text === "Function" && tokens[i - 1]?.text === "new"));
        assert.ok(!isCode && !(kind === "string" && /^(node:)?vm$/.test(text)), `${path}:${line}`);
      }
    }
  });
});
