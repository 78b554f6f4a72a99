import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { testSeed } from "@parlor/testkit";
import { cutPower } from "./power-cuts.ts";

describe("a power cut", { timeout: 120_000 }, () => {
  test("[CRASH-1] [CRASH-2] whatever a power cut leaves of what was on its way, the log opens whole and has every acknowledged message", async (t) => {
    const seed = testSeed();
    const cuts = await cutPower(14, 0.05, seed);
    t.diagnostic(`seed ${seed}: ${JSON.stringify(cuts)}`);
    assert.ok(cuts.images > 60 && cuts.torn > 20 && cuts.ackedChecked > 500, "enough images to prove it");
  });
});
