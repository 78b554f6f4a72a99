import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RestartPace } from "./restart-pace.ts";

const latest = (): number => 1;

describe("RestartPace", () => {
  test("[WORKERS-4] the first death is mended at once, quick ones after it ever later, up to 10 s", () => {
    const pace = new RestartPace();
    const waits = Array.from({ length: 8 }, () => pace.died(100, latest));
    assert.deepEqual(waits, [0, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  test("[WORKERS-4] a process that lived for ten seconds is mended at once again", () => {
    const pace = new RestartPace();
    for (let i = 0; i < 5; i++) pace.died(0, latest);
    assert.equal(pace.died(10_000, latest), 0);
    assert.equal(pace.died(9_999, latest), 500);
  });
});
