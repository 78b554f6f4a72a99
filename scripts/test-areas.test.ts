import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { isGroupRunning } from "./process-group.ts";
import { Lanes } from "./lanes.ts";
import { runTestArea } from "./run-test-area.ts";
import { runTestFile } from "./run-test-file.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { LONGEST, testAreas } from "./test-areas.ts";

const ROOT = join(import.meta.dirname, "..");

const FILES = {
  "packages/log/src/a.test.ts": "",
  "packages/log/src/a.property.test.ts": "",
  "packages/log/test/b.integration.test.ts": "",
  "packages/log/test/c.long.test.ts": "",
  "apps/chat/server/d.test.ts": "",
  "apps/chat/server/f.integration.test.ts": "",
  "apps/chat/e2e/e.e2e.ts": "",
};

function areas(selection: { long?: boolean; only?: string }): Record<string, readonly string[]> {
  using scratch = new ScratchFolder(FILES);
  const found = testAreas(scratch.root, { long: selection.long === true, only: selection.only ?? null });
  return Object.fromEntries(
    found.filter(({ files }) => files.length > 0).map(({ name, files }) => [name, files]),
  );
}

describe("testAreas", () => {
  test("every test file runs in one area, the long ones only where they are asked for", () => {
    const short = {
      log: ["packages/log/src/a.property.test.ts", "packages/log/src/a.test.ts"],
      apps: ["apps/chat/server/d.test.ts"],
      network: ["packages/log/test/b.integration.test.ts"],
      system: ["apps/chat/server/f.integration.test.ts"],
      e2e: ["apps/chat/e2e/e.e2e.ts"],
    };
    assert.deepEqual(areas({}), short);
    assert.deepEqual(areas({ long: true }), { ...short, long: ["packages/log/test/c.long.test.ts"] });
  });

  test("one area, or one path, can be asked for alone", () => {
    assert.deepEqual(Object.keys(areas({ only: "e2e" })), ["e2e"]);
    assert.deepEqual(areas({ only: "./packages/log/src/a.test" }), { log: ["packages/log/src/a.test.ts"] });
    assert.deepEqual(areas({ only: "packages/log/test/c" }), { long: ["packages/log/test/c.long.test.ts"] });
    assert.deepEqual(areas({ only: "nothing" }), {});
  });

  test("an area that holds no test is still there, so that it can be refused", () => {
    using scratch = new ScratchFolder();
    const [base] = testAreas(scratch.root, { long: false, only: null });
    assert.deepEqual([base?.name, base?.files], ["base", []]);
  });

  test("the longest files of an area begin first, and each of them is there", () => {
    for (const path of LONGEST) assert.ok(existsSync(join(ROOT, path)), path);
    const [long] = LONGEST.filter((path) => path.startsWith("packages/server"));
    using scratch = new ScratchFolder({
      [long as string]: "",
      "packages/base/test/a.integration.test.ts": "",
    });
    const network = testAreas(scratch.root, { long: false, only: "network" })[0];
    assert.deepEqual(network?.files, [long, "packages/base/test/a.integration.test.ts"]);
  });

  test("files that run together have no hook outside their suites: it would run for the others' tests too", () => {
    const together = testAreas(ROOT, { long: false, only: null }).filter((area) => area.filesTogether > 1);
    assert.ok(together.length > 0);
    const hooked = together
      .flatMap(({ files }) => files)
      .filter((path) => /^(before|after)(Each)?\(/m.test(readFileSync(join(ROOT, path), "utf8")));
    assert.deepEqual(hooked, []);
  });

  test("a test file that no area owns is an error", () => {
    using scratch = new ScratchFolder({ "elsewhere/a.test.ts": "" });
    assert.throws(() => testAreas(scratch.root, { long: false, only: null }), /belongs to no area/);
  });
});

describe("runTestFile", () => {
  const imports = 'import { describe, test } from "node:test"; import assert from "node:assert/strict";\n';
  const patienceFor = (what: string): number => (what === "never ends" ? 1_500 : 20_000);
  const run = async (source: string, timeoutMs = 20_000) => {
    using scratch = new ScratchFolder({ "a.test.ts": imports + source });
    return await runTestFile(scratch.root, "a.test.ts", timeoutMs);
  };

  test("what passed, failed and was skipped is counted test by test", async () => {
    const source = `
      describe("suite", () => { test("good", () => {}); test("bad", () => { console.log("said"); assert.equal(1, 2); }); });
      test("outer", async (t) => { await t.test("inner", () => assert.fail("no")); });
      test.skip("later", () => {});`;
    const result = await run(source);
    assert.deepEqual([result.passed, result.skipped, result.failures.length], [1, 1, 2]);
    assert.match(result.failures[0] as string, /^bad\n[^]*1 !== 2/);
    assert.match(result.failures[1] as string, /^inner\n[^]*no/);
    assert.match(result.output, /said/);
  });

  const bad: readonly [what: string, source: string, expected: RegExp][] = [
    ["does not load", 'import "./missing.ts";', /^ended with 1/],
    ["throws outside its tests", 'test("a", () => {}); throw new Error("x");', /^ended with/],
    ["ends the process itself", 'test("a", () => process.exit(3));', /^ended with 3/],
    ["holds no test", "", /^holds no test/],
    ["never ends", 'test("a", () => {}); setInterval(() => {}, 1000);', /^took longer than 1\.5 s/],
  ];
  for (const [what, source, expected] of bad) {
    test(`a file that ${what} has failed`, async () => {
      const { failures } = await run(source, patienceFor(what));
      assert.equal(failures.length, 1);
      assert.match(failures[0] as string, expected);
    });
  }

  test("a file that leaves a process behind has failed, and the process is gone", async () => {
    const { failures, output } = await run(`
      import { spawn } from "node:child_process";
      test("a", () => { const child = spawn("sleep", ["60"], { stdio: "ignore" }); console.log(process.pid); child.unref(); });`);
    assert.match(failures[0] as string, /^left a process behind/);
    // What was killed dies when it is given the core; a file that waited for it would only say so later.
    while (isGroupRunning(Number(output.trim()))) await wait(10);
  });

  test("a file that yields has the least priority, and so has what it starts", async () => {
    using scratch = new ScratchFolder({
      "a.test.ts": `${imports}import { getPriority } from "node:os";
        test("a", () => assert.equal(getPriority(), 19));`,
    });
    const { failures } = await runTestFile(scratch.root, "a.test.ts", 20_000, { yields: true });
    assert.deepEqual(failures, []);
  });

  test("an area adds up its files", async () => {
    using scratch = new ScratchFolder({
      "a.test.ts": `${imports}test("a", () => {});`,
      "b.test.ts": "throw 1;",
    });
    const said: string[] = [];
    const area = {
      name: "x",
      files: ["a.test.ts", "b.test.ts"],
      lanes: "units" as const,
      fileTimeoutMs: 20_000,
      filesTogether: 1,
      isBeside: false,
    };
    const {
      files,
      tookMs: inAllMs,
      ...sum
    } = await runTestArea(scratch.root, area, new Lanes(2), (text) => said.push(text));
    assert.deepEqual(sum, { passed: 1, failed: 1, skipped: 0 });
    assert.deepEqual(files.map(({ path }) => path).sort(), ["a.test.ts", "b.test.ts"]);
    assert.ok(files.every(({ tookMs }) => tookMs > 0 && tookMs <= inAllMs));
    assert.match(said.join(""), /FAILED {2}b\.test\.ts: ended with/);
  });

  test("files that run together fail one by one, and one of them without a test is a failure", async () => {
    using scratch = new ScratchFolder({
      "a.test.ts": `${imports}test("good", () => {});`,
      "b.test.ts": `${imports}test("bad", () => assert.fail("no"));`,
      "c.test.ts": "",
    });
    const { passed, failures } = await runTestFile(scratch.root, ["a.test.ts", "b.test.ts"], 20_000);
    assert.equal(passed, 1);
    assert.equal(failures.length, 1);
    assert.match(failures[0] as string, /^b\.test\.ts: bad\n[^]*no/);
    const empty = await runTestFile(scratch.root, ["a.test.ts", "c.test.ts"], 20_000);
    assert.deepEqual([empty.passed, empty.failures], [1, ["c.test.ts holds no test"]]);
  });

  const badTogether: readonly [what: string, together: RegExp][] = [
    ["does not load", /^b\.test\.ts: loads\n[^]*missing/],
    ["throws outside its tests", /^b\.test\.ts: loads\n[^]*x/],
    ["ends the process itself", /^ended with 3/],
    ["never ends", /^took longer than 1\.5 s/],
  ];
  for (const [what, together] of badTogether) {
    const [, source = ""] = bad.find(([each]) => each === what) ?? [];
    test(`files that run together have failed where one ${what}`, async () => {
      using scratch = new ScratchFolder({
        "a.test.ts": `${imports}test("good", () => {});`,
        "b.test.ts": imports + source,
      });
      const { failures } = await runTestFile(scratch.root, ["a.test.ts", "b.test.ts"], patienceFor(what));
      assert.equal(failures.length, 1);
      assert.match(failures[0] as string, together);
    });
  }
});
