import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_POINTS, NOTHING_SEEN, see } from "./figures.ts";
import type { ProcessFigures } from "./operator-api.ts";

function process(
  node: string,
  uptimeMs: number,
  published: number,
  p99Ms: number | null = null,
): ProcessFigures {
  const status = {
    uptimeMs,
    connections: { total: 3, slowReaders: 1 },
    residentBytes: 100,
    eventLoopDelay: p99Ms === null ? null : { p50Ms: 0, p99Ms, maxMs: p99Ms },
    totals: { published, messagesDelivered: 2 * published, signalsDropped: 0, busDropped: 0 },
  };
  return { node, status, connections: [], more: null } as unknown as ProcessFigures;
}

describe("what the operator's page makes of figures", () => {
  test("rates are those of each process over its own time, together", () => {
    const first = see(NOTHING_SEEN, [process("a", 1_000, 10), process("b", 5_000, 100)], 0);
    assert.equal(first.points[0]?.publishes, null);
    const { points } = see(first, [process("a", 2_000, 20), process("b", 7_000, 104)], 1_000);
    assert.equal(points[1]?.publishes, 12);
    assert.equal(points[1]?.deliveries, 24);
    assert.equal(points[1]?.connections, 6);
    assert.equal(points[1]?.memoryBytes, 200);
  });

  test("a process that was started again is another one, and takes nothing away", () => {
    const first = see(NOTHING_SEEN, [process("a", 90_000, 1_000)], 0);
    const second = see(first, [process("a2", 500, 3)], 1_000);
    assert.equal(second.points[1]?.publishes, null);
    assert.equal(see(second, [process("a2", 1_500, 8)], 2_000).points[2]?.publishes, 5);
  });

  test("figures that are told twice are no second moment of a rate", () => {
    const first = see(NOTHING_SEEN, [process("a", 1_000, 10)], 0);
    assert.equal(see(first, [process("a", 1_000, 10)], 400).points[1]?.publishes, null);
  });

  test("lag is that of the process that is latest, and unknown where none knows", () => {
    assert.equal(see(NOTHING_SEEN, [process("a", 1, 1, 4), process("b", 1, 1, 9)], 0).points[0]?.lagMs, 9);
    assert.equal(see(NOTHING_SEEN, [process("a", 1, 1)], 0).points[0]?.lagMs, null);
  });

  test("no more is kept than is shown", () => {
    let seen = NOTHING_SEEN;
    for (let i = 0; i < MAX_POINTS + 20; i++) seen = see(seen, [process("a", 1_000 * i, i)], 1_000 * i);
    assert.equal(seen.points.length, MAX_POINTS);
    assert.equal(seen.points.at(-1)?.publishes, 1);
  });
});
