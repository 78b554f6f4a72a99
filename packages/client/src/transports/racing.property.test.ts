import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ChangingRoads } from "../../test/changing-roads.ts";
import { playModel } from "../../test/model-run.ts";

describe("ParlorClient over transports that come and go, against a model server", () => {
  test("[RACE-6] [CLIENT-1] whatever roads open and close, each publish is stored once and in order, and each subscriber sees each message once and in order", async () => {
    let takeOvers = 0;
    const carried = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
        const roads = new ChangingRoads();
        await playModel(seed, {
          link: (name, world) => roads.link(name, world),
          onStep: ({ random }) => roads.change(random),
          onTakeOver: () => (takeOvers += 1),
          onCalm: () => roads.clear(),
        });
        for (const [kind, count] of roads.carried) carried.set(kind, (carried.get(kind) ?? 0) + count);
      }),
      { numRuns: 250, endOnFailure: true },
    );
    assert.ok(takeOvers >= 25, `${takeOvers} connections were taken over`);
    for (const kind of ["websocket", "stream", "poll"]) {
      assert.ok((carried.get(kind) ?? 0) >= 100, `${kind} carried ${carried.get(kind)} connections`);
    }
  });
});
