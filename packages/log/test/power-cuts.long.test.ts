import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { testSeed } from "@parlor/testkit";
import { cutPower } from "./power-cuts.ts";

describe("many power cuts", { timeout: 3_000_000 }, () => {
  test("[CRASH-1] [CRASH-2] at every event of a run with checkpoints, every kind of image opens whole and has every acknowledged message", async (t) => {
    const seed = testSeed();
    const cuts = await cutPower(400, 0.5, seed);
    t.diagnostic(`seed ${seed}: ${JSON.stringify(cuts)}`);
    assert.ok(cuts.images > 2_000 && cuts.checkpointed, "enough images to prove it, of checkpoints too");
  });
});
