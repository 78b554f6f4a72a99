import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readFlags } from "./flags.ts";

const SCENARIOS = ["busy-room", "log"];

describe("the benchmark's flags", () => {
  test("without any, everything is measured three times and kept", () => {
    const { only, isQuick, rounds, keepsResults } = readFlags([], SCENARIOS);
    assert.deepEqual(
      { only, isQuick, rounds, keepsResults },
      { only: null, isQuick: false, rounds: 3, keepsResults: true },
    );
  });

  test("a quick run is one round, unless more are asked for", () => {
    assert.equal(readFlags(["--quick"], SCENARIOS).rounds, 1);
    assert.equal(readFlags(["--quick", "--rounds", "2"], SCENARIOS).rounds, 2);
  });

  test("a part is one of the scenario that is run alone", () => {
    assert.equal(readFlags(["--only", "log", "--part", "reading"], SCENARIOS).part, "reading");
    assert.throws(() => readFlags(["--part", "reading"], SCENARIOS), /--part goes with --only/);
  });

  test("what can't be is told in one sentence that names the flag", () => {
    assert.throws(
      () => readFlags(["--only", "nothing"], SCENARIOS),
      /--only takes one of busy-room, log, not "nothing"/,
    );
    assert.throws(
      () => readFlags(["--rounds", "0"], SCENARIOS),
      /--rounds takes a whole number from 1 to 100, not "0"/,
    );
    assert.throws(() => readFlags(["--coalesce-ms", ""], SCENARIOS), /--coalesce-ms takes a whole number/);
    assert.throws(() => readFlags(["--fast"], SCENARIOS), /--fast/);
  });
});
