import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { testSeed } from "@parlor/testkit";
import { readFlags } from "./flags.ts";
import { torture } from "./torture.ts";

describe("the torture of the real command", { timeout: 280_000 }, () => {
  test("[TORTURE-1] [TORTURE-2] [TORTURE-4] after a minute of every fault at once nothing is lost, repeated or reordered, on any transport", async (t) => {
    const flags = { minutes: 1, seed: testSeed(), members: 60, log: "sqlite" } as const;
    t.diagnostic(`npm run torture -- --minutes 1 --members ${flags.members} --seed ${flags.seed}`);
    const verdict = await torture(flags, (line) => t.diagnostic(line));
    for (const line of verdict.lines) t.diagnostic(line);
    assert.deepEqual(verdict.violations, []);
    assert.deepEqual(verdict.missed, [], "each kind of fault met its target");
    assert.ok(verdict.tally.of("deliveries") > 1_000, "enough was seen to prove anything");
  });

  test("[TORTURE-2] a run that is ended early is judged by the faults that there were", async () => {
    const flags = { minutes: 1, seed: testSeed(), members: 12, log: "sqlite" } as const;
    const verdict = await torture(flags, () => undefined, AbortSignal.abort());
    assert.deepEqual([verdict.isClean, verdict.violations, verdict.missed], [true, [], []]);
  });
});

describe("the torture's flags", () => {
  test("[TORTURE-3] what can't be taken is one sentence, and a seed that is not given is a fresh one", () => {
    assert.deepEqual(readFlags([], "fresh"), { minutes: 1, members: 200, seed: "fresh", log: "sqlite" });
    assert.equal(readFlags(["--minutes", "0.5", "--seed", "a b"], "fresh").seed, "a b");
    for (const [args, words] of [
      [["--minutes", "0"], /--minutes takes/],
      [["--minutes", "long"], /--minutes takes/],
      [["--members", "3"], /--members takes/],
      [["--seed", ""], /--seed takes/],
      [["--log", "paper"], /--log takes/],
      [["--hours", "1"], /--hours/],
    ] as const) {
      assert.throws(() => readFlags(args, "fresh"), words);
    }
  });
});
