import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ALL_FLOODS } from "./all-floods.ts";
import { readFlags } from "./flags.ts";
import { reportTable } from "./report.ts";
import { runFlood } from "./run-flood.ts";
import { storm } from "./storm/storm.ts";

/** Too short for what takes its time to be refused; memory, words and the pair show at once. */
const SHORT = { quietSeconds: 0.3, floodSeconds: 1.5, warmUp: 5 };

describe("floods of the real command", { timeout: 200_000, concurrency: 3 }, () => {
  for (const flood of ALL_FLOODS) {
    test(`[FLOOD-1] [FLOOD-2] [FLOOD-3] [FLOOD-4] ${flood.name}: memory stays bounded, refusals have words, a pair beside it loses nothing, and nothing is left`, async (t) => {
      const result = await runFlood(flood, SHORT);
      for (const line of reportTable([result])) t.diagnostic(line);
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

describe("the floods' flags", () => {
  test("[FLOOD-6] what can't be taken is one sentence", () => {
    assert.deepEqual(readFlags([], ["history"]), { only: null, seconds: 20, clients: 2_000 });
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
