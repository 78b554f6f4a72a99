import { seededRandom } from "@parlor/base";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ALL_FLOODS } from "./all-floods.ts";
import type { Flood } from "./flood.ts";
import { readFlags } from "./flags.ts";
import { MIB } from "./memory.ts";
import { controlTable, figuresTable, reportTable, slowerThanTwice } from "./report.ts";
import { runFlood, type FloodResult } from "./run-flood.ts";
import { waitsAlone } from "./storm/waits-alone.ts";
import { storm } from "./storm/storm.ts";

/** Too short for what takes its time to be refused; memory, words and the pair show at once. */
const SHORT = { quietSeconds: 0.3, floodSeconds: 1.5, warmUp: 5 };

describe("floods of the real command", { timeout: 200_000, concurrency: 3 }, () => {
  for (const flood of ALL_FLOODS) {
    test(`[FLOOD-1] [FLOOD-2] [FLOOD-3] [FLOOD-4] ${flood.name}: memory stays bounded, refusals have words, a pair beside it loses nothing, and nothing is left`, async (t) => {
      const result = await runFlood(flood, SHORT);
      for (const line of [...reportTable([result]), ...figuresTable([result])]) t.diagnostic(line);
      assert.deepEqual(result.faults, []);
      const sent = Object.values(result.told.sent).reduce((sum, count) => sum + count, 0);
      assert.ok(sent >= 10, "it was a flood");
    });
  }
});

describe("a storm of clients that come back", { timeout: 100_000 }, () => {
  test("[FLOOD-5] after a SIGKILL all are back, nothing is lost or doubled, and the log is read for each cursor, not for each client", async (t) => {
    const say = (line: string): void => t.diagnostic(line);
    const { lines, faults } = await storm({ clients: 300, processes: 2, rooms: 10 }, say);
    for (const line of lines) say(line);
    assert.deepEqual(faults, []);
  });
});

describe("what the protocol's waits alone make of a storm", () => {
  test("[FLOOD-9] a server that is back at once has one try of each client in half a second, and one that is down for longer has more of them than three times the mean", () => {
    const random = seededRandom(4);
    assert.deepEqual(waitsAlone(2_000, 0, random), { most: 2_000, ofMean: 1 });
    const { most, ofMean } = waitsAlone(2_000, 1_500, random);
    assert.ok(most > 2_000 && most < 4_500, `${most} in the first second`);
    assert.ok(ofMean > 3, `${ofMean} times the mean`);
  });
});

describe("what the floods print", () => {
  test("[FLOOD-7] the figures are a table as the documents have it, and who was slower is named", () => {
    const [calm, rough] = [result(1, 7), result(2, 20.44)];
    const name = calm.flood.name;
    const [head, , line] = figuresTable([calm]);
    assert.match(head ?? "", /^\| flood +\| p99 quiet, beside \(ms\), ratio \| longest turn quiet, beside/);
    assert.match(
      line ?? "",
      new RegExp(`^\\| ${name} \\| 5.0, 7.0, 1.4 +\\| 1.0, 1.0 +\\| 10 %, 20 % +\\| 1, 2, 3 +\\|$`),
    );
    assert.equal(slowerThanTwice([calm]), "0 of 1 above twice the quiet time.");
    assert.equal(
      slowerThanTwice([result(1, 10)]),
      "0 of 1 above twice the quiet time.",
      "twice is not above",
    );
    assert.match(slowerThanTwice([result(1, 10.1)]), /^1 of 1 above twice the quiet time: /);
    assert.equal(slowerThanTwice([calm, rough]), `1 of 2 above twice the quiet time: ${rough.flood.name}.`);
  });

  test("[FLOOD-8] the control has a table of its own, where it was asked for", () => {
    assert.deepEqual(controlTable([result(1, 12)]), []);
    const [head, , line, end] = controlTable([{ ...result(1, 12), bareP99Ms: 8 }]);
    assert.match(
      head ?? "",
      /^\| flood +\| p99 quiet, beside the control, beside the flood \(ms\) \| control to/,
    );
    assert.match(line ?? "", /\| 5\.0, 8\.0, 12\.0 +\| 1\.6, 1\.5 +\|$/);
    assert.equal(end, "");
  });

  test("[FLOOD-7] [FLOOD-8] the command prints that of what it ran, and floods a process that does nothing, too", async () => {
    const main = fileURLToPath(new URL("./main.ts", import.meta.url));
    const args = [main, "--only", "pings", "--seconds", "1", "--control"];
    // Its verdict is another test's; what is looked at here is what it says.
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(
      (error: { stdout: string }) => error,
    );
    assert.match(stdout, /^\| flood +\| p99 quiet, beside \(ms\), ratio \|/m);
    assert.match(stdout, /^\| pings +\| \d+\.\d, \d+\.\d, \d+\.\d +\| /m);
    assert.match(stdout, /^\| pings +\| \d+\.\d, \d+\.\d, \d+\.\d +\| \d+\.\d, \d+\.\d +\|$/m);
    assert.match(stdout, /^[01] of 1 above twice the quiet time/m);
  });
});

/** As if this flood had been measured, with that p99 beside it. */
function result(index: number, p99Ms: number): FloodResult {
  const [before, peak, bound, after] = [1, 2, 3, 2].map((mib) => mib * MIB);
  return {
    flood: ALL_FLOODS[index] as Flood,
    told: { sent: {}, refused: {}, wordless: {}, cutUnread: 0 },
    quiet: { p99Ms: 5, longestMs: 1, share: 0.1 },
    beside: { p99Ms, longestMs: 1.04, share: 0.2 },
    bareP99Ms: null,
    memory: { beforeBytes: before, peakBytes: peak, boundBytes: bound, afterBytes: after },
    faults: [],
  } as FloodResult;
}

describe("the floods' flags", () => {
  test("[FLOOD-6] what can't be taken is one sentence", () => {
    assert.deepEqual(readFlags([], ["history"]), {
      only: null,
      seconds: 20,
      clients: 2_000,
      control: false,
    });
    assert.equal(readFlags(["--only", "history"], ["history"]).only, "history");
    for (const [args, words] of [
      [["--only", "rain"], /--only takes one of history, not "rain"/],
      [["--seconds", "0"], /--seconds takes/],
      [["--clients", "1.5"], /--clients takes/],
      [["--hours", "1"], /--hours/],
    ] as const) {
      assert.throws(() => readFlags(args, ["history"]), words);
    }
  });
});
