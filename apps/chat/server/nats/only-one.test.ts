import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryBus } from "@parlor/log";
import { FakeClock } from "@parlor/testkit";
import { OnlyOne, SILENT_MS } from "./only-one.ts";

describe("what one of the nodes does", () => {
  test("[CLUSTER-9] it is the first by name of those that are heard, and the next one when that is gone", async () => {
    const clock = new FakeClock();
    const bus = new MemoryBus();
    const owners = new Set<string>();
    const most: number[] = [];
    const come = (id: string): OnlyOne =>
      new OnlyOne({
        ...{ what: "jobs", id, bus, clock },
        onChange: (isThis) => {
          if (isThis) owners.add(id);
          else owners.delete(id);
          most.push(owners.size);
        },
      });
    const later = come("b");
    await clock.advanceAsync(2 * SILENT_MS);
    assert.deepEqual([...owners], ["b"]);
    const first = come("a");
    await clock.advanceAsync(2 * SILENT_MS);
    assert.deepEqual([...owners], ["a"]);
    first.close();
    await clock.advanceAsync(2 * SILENT_MS);
    assert.deepEqual([...owners], ["b"]);
    later.close();
    assert.deepEqual([...owners], []);
    assert.equal(Math.max(...most), 1);
  });
});
