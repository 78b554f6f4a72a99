import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { playModel } from "../test/model-run.ts";

describe("ParlorClient against a model server", () => {
  test("[CLIENT-1] whatever the network does, each publish is stored once and in order, and each subscriber sees each message once and in order", async () => {
    const faults = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
        const server = await playModel(seed, { link: (name, { server }) => server.transport(name) });
        for (const [name, count] of server.faults) faults.set(name, (faults.get(name) ?? 0) + count);
      }),
      { numRuns: 300, endOnFailure: true },
    );
    for (const [name, count] of faults) assert.ok(count >= 50, `${name} happened ${count} times`);
    assert.equal(faults.size, 9);
  });
});
