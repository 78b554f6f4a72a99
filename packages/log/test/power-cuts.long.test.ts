import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { testSeed } from "@parlor/testkit";
import { cutPower } from "./power-cuts.ts";

describe("many power cuts", { timeout: 3_000_000 }, () => {
  test("[CRASH-1] [CRASH-2] at every event of a run with checkpoints, every kind of image opens whole and has every acknowledged message", async (t) => {
    const seed = testSeed();
    const cuts = await cutPower(200, 0.25, seed);
    t.diagnostic(`seed ${seed}: ${JSON.stringify(cuts)}`);
    assert.ok(cuts.images > 1_500 && cuts.checkpointed, "enough images to prove it, of checkpoints too");
  });
});
