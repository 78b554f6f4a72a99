import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { testSeed } from "@parlor/testkit";
import { cutPower } from "./power-cuts.ts";

/** Some 1,500 images, of a run that is fourteen times as long as that of every test run. */
const APPENDS = 200;
const KEEP_SHARE = 0.04;

describe("many power cuts", { timeout: 2_400_000 }, () => {
  test("[CRASH-1] [CRASH-2] at every event of a run with checkpoints, every kind of image opens whole and has every acknowledged message", async (t) => {
    const seed = testSeed();
    const cuts = await cutPower(APPENDS, KEEP_SHARE, seed);
    t.diagnostic(`seed ${seed}: ${JSON.stringify(cuts)}`);
    assert.ok(cuts.images > 1_000 && cuts.checkpointed, "enough images to prove it, of checkpoints too");
  });
});
