import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const MARK = "@ts-expect-error";

/** What the compiler says of a page in a project of its own. */
async function compile(page: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-types-"));
  try {
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "page.ts"), page);
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    const tsconfig = { extends: join(ROOT, "tsconfig.json"), include: ["*.ts"], exclude: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    const tsc = join(ROOT, "node_modules", ".bin", "tsc");
    const { stdout } = await promisify(execFile)(tsc, ["--noEmit", "-p", folder]).catch(
      (error: { stdout: string }) => error,
    );
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("the types of a contract", () => {
  const page = readFileSync(join(import.meta.dirname, "typed.test-d.ts"), "utf8");

  test("[CONTRACT-8] what fits compiles on both ends, with zod, valibot and arktype", async () => {
    assert.equal(await compile(page), "");
  });

  test("[CONTRACT-8] a wrong body, value, push, parameter, method, answer or handler does not compile: each is an error of its own", async () => {
    const marks = page.split(MARK).length - 1;
    assert.ok(marks >= 20, `${marks}`);
    const said = await compile(page.replaceAll(MARK, "wrong"));
    const errors = said.split("\n").filter((line) => /^\S*page\.ts\(\d+,\d+\): error TS/.test(line));
    assert.equal(errors.length, marks, said);
  });
});
