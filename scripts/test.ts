import "./need-node-24.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleCommand, COMMAND_VARIABLE } from "./bundle-command.ts";
import { type AreaResult, runTestArea } from "./run-test-area.ts";
import { Lanes } from "./lanes.ts";
import { LANES, type TestArea, testAreas } from "./test-areas.ts";
import { warmCompileCache } from "./warm-compile-cache.ts";

/**
 * `npm test`: the checks, then every test by areas. The last line says `N passed, N failed`.
 *
 *   --only NAME   one area, or the test files whose path begins so; without the checks
 *   --long        also the tests that take many minutes
 */
const ROOT = join(import.meta.dirname, "..");

/** Files that take longer are named, so that it is known where the time goes; the longest few of an area. */
const SLOW_FILE_MS = 10_000;
const MAX_SLOW_SHOWN = 12;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { long: { type: "boolean" }, only: { type: "string" } } });
  const only = values.only ?? null;
  let isRed = false;
  const sum = { passed: 0, failed: 0, skipped: 0 };
  if (only === null) {
    // Of the checks some wait for one another, and leave it room.
    const warm = bundleTested().then((command) => warmCompileCache(ROOT, undefined, command));
    // The checks count as one test, so that the last line never says that nothing failed when they did.
    isRed = !(await runChecks());
    await warm;
    sum[isRed ? "failed" : "passed"] += 1;
  }
  const areas = testAreas(ROOT, { long: values.long === true, only });
  if (only !== null && areas.some(({ lanes }) => lanes !== "units")) await bundleTested();
  if (areas.length === 0) console.error(`no area and no test file is called ${only}`);
  const runArea = async (area: TestArea, lanes: Lanes): Promise<void> => {
    const result = await runTestArea(ROOT, area, lanes, console.log);
    const isGreen = result.failed === 0 && result.passed > 0;
    const seconds = (result.tookMs / 1000).toFixed(1);
    console.log(areaLine(area, result, isGreen, seconds));
    const slow = result.files.filter(({ tookMs }) => tookMs > SLOW_FILE_MS).slice(0, MAX_SLOW_SHOWN);
    for (const { path, tookMs } of slow) console.log(`         ${(tookMs / 1_000).toFixed(0)} s ${path}`);
    sum.passed += result.passed;
    sum.failed += result.failed;
    sum.skipped += result.skipped;
    isRed ||= !isGreen;
  };
  const beside: Promise<void>[] = [];
  let together: Promise<void>[] = [];
  let before: TestArea | null = null;
  let lanes = new Lanes(1);
  for (const area of areas) {
    if (area.lanes !== before?.lanes) {
      await Promise.all(together);
      lanes = new Lanes(LANES[area.lanes]);
      together = [];
    }
    before = area;
    (area.isBeside ? beside : together).push(runArea(area, lanes));
  }
  await Promise.all([...together, ...beside]);
  if (sum.skipped > 0) console.log(`${sum.skipped} skipped`);
  console.log(`${sum.passed} passed, ${sum.failed} failed`);
  return isRed || areas.length === 0 ? 1 : 0;
}

/** What tests start by the hundred is bundled once, for all of them. */
async function bundleTested(): Promise<string> {
  const command = await bundleCommand(ROOT, join(ROOT, ".build", "command"));
  process.env[COMMAND_VARIABLE] = command;
  return command;
}

function areaLine(area: TestArea, result: AreaResult, isGreen: boolean, seconds: string): string {
  const { passed, failed, skipped } = result;
  const counts =
    `${passed} passed` +
    (failed > 0 ? `, ${failed} failed` : "") +
    (skipped > 0 ? `, ${skipped} skipped` : "");
  const reason = passed + failed === 0 ? " (an area without a test that ran counts as failed)" : "";
  const beside = area.isBeside ? ", beside the others" : "";
  return `${isGreen ? "ok    " : "FAILED"} ${area.name.padEnd(12)} ${counts} in ${seconds} s${beside}${reason}`;
}

/** In a process of its own, so that what it holds is gone before anything is measured. */
async function runChecks(): Promise<boolean> {
  const check = join(import.meta.dirname, "check.ts");
  const child = spawn(process.execPath, [check], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return exitCode === 0;
}

process.exit(await main());
