import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIVELY_SEEDS, PLAIN_SEEDS, readFlags } from "./flags.ts";
import { run } from "./run.ts";
import { simulate } from "./simulate.ts";

/** What mutants run: enough to see each of them, in a few seconds. */
const PLAIN = Number(process.env["SIMULATION_SEEDS"] ?? PLAIN_SEEDS);
const LIVELY = Number(process.env["LIVELY_SEEDS"] ?? LIVELY_SEEDS);

describe("the simulation", { timeout: 2_900_000 }, () => {
  test("[SIM-1] [SIM-2] whatever the seed does to time, network and disk, every promise is kept, and every window was hit", async (t) => {
    const sums = await simulate({ from: 1, seeds: PLAIN });
    for (const line of sums.lines) t.diagnostic(line);
    assert.deepEqual(sums.failures, []);
    assert.deepEqual(sums.missed, [], "each fault and each window was hit");
    assert.ok(sums.fewestSteps >= 1_000 && sums.fewestFaults >= 5, "each run was large enough");
    assert.equal(sums.runs, PLAIN);
  });

  test("[SIM-5] so they are where rooms are deleted, backups restored, and pages have state, presence and signals", async (t) => {
    const sums = await simulate({ from: 1, seeds: LIVELY, isLively: true });
    for (const line of sums.lines) t.diagnostic(line);
    assert.deepEqual(sums.failures, []);
    assert.deepEqual(sums.missed, [], "each fault and each window was hit");
    assert.ok(sums.fewestSteps >= 1_000 && sums.fewestFaults >= 5, "each run was large enough");
    assert.equal(sums.runs, LIVELY);
  });

  test("[SIM-3] a seed replays exactly", async () => {
    const [first, second] = [await run("again"), await run("again")];
    assert.deepEqual(
      { ...first, tally: [...first.tally.counts] },
      { ...second, tally: [...second.tally.counts] },
    );
  });

  test("[SIM-4] what can't be taken is one sentence", () => {
    assert.deepEqual(readFlags([]), {
      seeds: 18_000,
      livelySeeds: 2_000,
      from: 1,
      seed: null,
      isLively: false,
    });
    assert.deepEqual(readFlags(["--lively", "--seeds", "7"]), {
      ...{ seeds: 7, livelySeeds: 0, from: 1, seed: null, isLively: true },
    });
    assert.equal(readFlags(["--seed", "a b"]).seed, "a b");
    assert.throws(() => readFlags(["--seeds", "0"]), /--seeds takes a whole number/);
    assert.throws(() => readFlags(["--from", "-1"]), /--from/);
    assert.throws(() => readFlags(["--seed", ""]), /--seed takes/);
  });
});
