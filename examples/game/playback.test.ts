import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Frame } from "./frame.ts";
import { Playback } from "./playback.ts";

/** Slot 3 moves 10 a tick along x. */
function frame(tick: number, world = 1): Frame {
  return [world, tick, [3, tick * 10, 500, 0], [tick, tick]];
}

function xAt(playback: Playback, nowMs: number): number | undefined {
  return playback.at(nowMs)?.players.get(3)?.[0];
}

describe("playing frames back", () => {
  test("what is drawn moves evenly, a hundred milliseconds behind", () => {
    const playback = new Playback(100);
    assert.equal(playback.at(0), null);
    for (let tick = 0; tick <= 10; tick += 1) playback.add(frame(tick), tick * 50 + 7);
    for (const [nowMs, x] of [
      [507, 80],
      [532, 85],
      [557, 90],
    ] as const) {
      assert.equal(xAt(playback, nowMs), x);
    }
  });

  test("jitter up to the delay, reordering, doubles and lost frames change nothing of what is drawn", () => {
    const arrivals = fc.array(
      fc.record({ jitterMs: fc.integer({ min: 0, max: 45 }), isLost: fc.boolean(), isDouble: fc.boolean() }),
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
        const playback = new Playback(150);
        let at = 0;
        for (let nowMs = 200; nowMs < each.length * 50 - 50; nowMs += 16) {
          for (; (came[at]?.atMs ?? Infinity) <= nowMs; at += 1) {
            const { tick, atMs } = came[at] as { tick: number; atMs: number };
            playback.add(frame(tick), atMs);
          }
          const expected = ((nowMs - 150) / 50) * 10;
          assert.ok(Math.abs((xAt(playback, nowMs) ?? NaN) - expected) < 1e-6, `at ${nowMs}`);
        }
      }),
    );
  });

  test("what did not come is counted, and nothing else", () => {
    const playback = new Playback(100);
    for (let tick = 0; tick < 100; tick += 1) if (tick % 5 !== 2) playback.add(frame(tick), tick * 50);
    assert.ok(Math.abs(playback.figures().lost - 0.2) < 0.001);
    for (let tick = 100; tick < 200; tick += 1) playback.add(frame(tick), tick * 50);
    assert.equal(playback.figures().lost, 0);
    assert.equal(playback.figures().jitterMs, 0);
  });

  test("where nothing newer is here it stands still, and after a stall it is right with the first frames", () => {
    const playback = new Playback(100);
    for (let tick = 0; tick <= 10; tick += 1) playback.add(frame(tick), tick * 50);
    assert.equal(xAt(playback, 5_000), 100);
    // Everything that waited comes in one heap.
    for (let tick = 11; tick <= 100; tick += 1) playback.add(frame(tick), 5_000);
    assert.equal(xAt(playback, 5_000), 980);
  });

  test("it holds no more than five seconds, and nobody flies across the arena", () => {
    const playback = new Playback(100);
    playback.add(frame(500), 25_000);
    playback.add(frame(300), 25_001);
    assert.equal(playback.figures().lost, 0, "a very old frame is left");
    playback.add([1, 501, [3, 1_500, 100, 0], []], 25_050);
    assert.equal(xAt(playback, 25_125), 1_500);
  });

  test("another world begins anew: its ticks count from one again", () => {
    const playback = new Playback(100);
    for (let tick = 900; tick <= 910; tick += 1) playback.add(frame(tick), tick * 50);
    for (let tick = 1; tick <= 4; tick += 1) playback.add(frame(tick, 2), 60_000 + tick * 50);
    assert.equal(xAt(playback, 60_200), 20);
    assert.equal(playback.figures().newestTick, 4);
    assert.equal(playback.figures().lost, 0);
  });
});
