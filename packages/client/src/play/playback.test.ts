import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Playback } from "./playback.ts";

/** A world in which one thing moves 10 a tick. */
function worlds(delayMs = 100): Playback<number> {
  return new Playback<number>({ tickMs: 50, delayMs });
}

function add(playback: Playback<number>, tick: number, nowMs: number): void {
  playback.add(tick, tick * 10, nowMs);
}

function xAt(playback: Playback<number>, nowMs: number): number | undefined {
  const played = playback.at(nowMs);
  return played === null ? undefined : played.from + (played.to - played.from) * played.part;
}

describe("Playback", () => {
  test("[PLAY-1] what is shown moves evenly, a hundred milliseconds behind", () => {
    const playback = new Playback<number>({ tickMs: 50 });
    assert.equal(playback.delayMs, 100);
    assert.equal(playback.at(0), null);
    for (let tick = 0; tick <= 10; tick += 1) add(playback, tick, tick * 50 + 7);
    assert.deepEqual(
      [507, 532, 557].map((nowMs) => xAt(playback, nowMs)),
      [80, 85, 90],
    );
    assert.equal(playback.at(532)?.ticks, 1);
  });

  test("[PLAY-1] jitter up to the delay, reordering, doubles and lost snapshots change nothing of what is shown", () => {
    const arrivals = fc.array(
      fc.record({ jitterMs: fc.integer({ min: 0, max: 140 }), isLost: fc.boolean(), isDouble: fc.boolean() }),
      { minLength: 20, maxLength: 90 },
    );
    fc.assert(
      fc.property(arrivals, (each) => {
        // Of two in a row one comes, and the first few at once: they tell the clock.
        const came = each.flatMap(({ jitterMs, isLost, isDouble }, tick) => {
          if (isLost && tick % 2 === 1) return [];
          const one = { tick, atMs: tick * 50 + (tick < 3 ? 0 : jitterMs) };
          return isDouble ? [one, { tick, atMs: one.atMs + 60 }] : [one];
        });
        came.sort((a, b) => a.atMs - b.atMs);
        const playback = worlds(250);
        const here = new Set<number>();
        let at = 0;
        for (let nowMs = 300; nowMs < each.length * 50 - 50; nowMs += 16) {
          for (; (came[at]?.atMs ?? Infinity) <= nowMs; at += 1) {
            const { tick, atMs } = came[at] as { tick: number; atMs: number };
            add(playback, tick, atMs);
            here.add(tick);
          }
          const expected = ((nowMs - 250) / 50) * 10;
          assert.ok(Math.abs((xAt(playback, nowMs) ?? NaN) - expected) < 1e-6, `at ${nowMs}`);
          // Between the nearest two that are here, whatever the order in which they came.
          const { from, to } = playback.at(nowMs) ?? {};
          const places = [...here].map((tick) => tick * 10);
          assert.equal(from, Math.max(...places.filter((x) => x <= expected)));
          assert.equal(to, Math.min(...places.filter((x) => x > expected)));
        }
        for (; at < came.length; at += 1) add(playback, came[at]?.tick ?? 0, came[at]?.atMs ?? 0);
        const ticks = new Set(came.map(({ tick }) => tick));
        assert.equal(playback.figures().lost, 1 - ticks.size / (Math.max(...ticks) + 1), "a double is none");
      }),
    );
  });

  test("[PLAY-2] what did not come is counted, and nothing else", () => {
    const playback = worlds();
    for (let tick = 0; tick < 100; tick += 1) if (tick % 5 !== 2) add(playback, tick, tick * 50);
    assert.ok(Math.abs(playback.figures().lost - 0.2) < 0.001);
    for (let tick = 100; tick < 200; tick += 1) add(playback, tick, tick * 50);
    assert.deepEqual(playback.figures(), { lost: 0, jitterMs: 0, newestTick: 199 });
  });

  test("[PLAY-1] where nothing newer is here it stands still, and after a stall it is right with the first that come", () => {
    const playback = worlds();
    for (let tick = 0; tick <= 10; tick += 1) add(playback, tick, tick * 50);
    assert.equal(xAt(playback, 5_000), 100);
    // Everything that waited comes in one heap.
    for (let tick = 11; tick <= 100; tick += 1) add(playback, tick, 5_000);
    assert.equal(xAt(playback, 5_000), 980);
  });

  test("[PLAY-2] it holds the last hundred ticks, and begins anew where it is told to", () => {
    const playback = worlds();
    for (let tick = 400; tick <= 500; tick += 1) add(playback, tick, tick * 50);
    add(playback, 300, 25_001);
    assert.equal(playback.figures().lost, 0, "a very old one is left");
    assert.deepEqual(playback.at(-1_000_000)?.to, 4_010, "the oldest are forgotten");
    playback.clear();
    assert.equal(playback.at(25_000), null);
    for (let tick = 1; tick <= 4; tick += 1) add(playback, tick, 60_000 + tick * 50);
    assert.equal(xAt(playback, 60_200), 20);
    assert.deepEqual(playback.figures(), { lost: 0, jitterMs: 0, newestTick: 4 });
  });
});
