import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import * as testkit from "@parlor/testkit";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const README = readFileSync(join(ROOT, "packages/testkit/README.md"), "utf8");
/** How long one example may take, ms. */
const PATIENCE_MS = 240_000;

/** The examples, each with the name in its first line. */
function examples(): Map<string, string> {
  const blocks = README.matchAll(/^```ts\n\/\/ (\S+)\n([^]*?)^```/gm);
  return new Map([...blocks].map(([, name, code]) => [name as string, code as string]));
}

describe("the examples of packages/testkit/README.md", () => {
  const found = examples();
  let folder = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-testkit-readme-"));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    for (const [name, code] of found) await writeFile(join(folder, name), code);
    const tsconfig = { extends: join(ROOT, "tsconfig.json"), include: ["*.ts"], exclude: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("[DOC-5] each one names its file, and fits the types of the packages", async () => {
    assert.equal(found.size, README.match(/^```ts$/gm)?.length);
    const tsc = join(ROOT, "node_modules", ".bin", "tsc");
    await promisify(execFile)(tsc, ["--noEmit", "-p", folder]).catch((error: { stdout: string }) =>
      assert.fail(error.stdout),
    );
  });

  // As somebody does who copies them: all in one folder, beside each other, and again another day. What
  // runs a contract keeps nothing, and takes longest.
  for (const [time, which] of [
    ["at first, beside each other", /\.test\.ts$/],
    ["again where they have run before", /(?<!\.contract)\.test\.ts$/],
  ] as const) {
    test(`[DOC-5] they pass ${time}`, { timeout: PATIENCE_MS }, async () => {
      const names = [...found.keys()].filter((name) => which.test(name));
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const run = promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap", ...names], {
        cwd: folder,
        env,
        timeout: PATIENCE_MS,
      });
      const { stdout } = await run.catch((error: { stdout: string }) => assert.fail(error.stdout));
      assert.ok(Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) >= names.length, stdout);
      assert.match(stdout, /^# fail 0$/m);
    });
  }

  test("[DOC-5] what its table names is there", () => {
    const rows = [...README.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| /gm)].map(([, cell]) => cell as string);
    const names = rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name as string));
    assert.ok(names.length > 20);
    for (const name of names) assert.ok(name in testkit, `the testkit has no ${name}`);
  });
});
