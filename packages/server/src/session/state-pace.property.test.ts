import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { StatePace } from "./state-pace.ts";

const STEP_MS = 5;
const MOST_AHEAD_BYTES = 65_536;

interface Link {
  readonly bytesPerSecond: number;
  readonly roundTripMs: number;
  /** Of one frame of state; there is always one more. */
  readonly frameBytes: number;
}

interface Sent {
  readonly atMs: number;
  readonly bytes: number;
  readonly isPing: boolean;
}

/** Plays a link on which state changes all the time; gives how long each frame was on its way, ms. */
function play(
  { bytesPerSecond, roundTripMs, frameBytes }: Link,
  forMs: number,
): { tookMs: number[]; mostAhead: number } {
  const pace = new StatePace();
  const queue: Sent[] = [];
  const pongs: number[] = [];
  const tookMs: number[] = [];
  let [credit, mostAhead] = [0, 0];
  const ping = (atMs: number): number => queue.push({ atMs, bytes: 20, isPing: true });
  for (let nowMs = 0; nowMs < forMs; nowMs += STEP_MS) {
    credit = queue.length === 0 ? 0 : credit + (bytesPerSecond * STEP_MS) / 1_000;
    for (let first = queue[0]; first !== undefined && credit >= first.bytes; first = queue[0]) {
      queue.shift();
      credit -= first.bytes;
      if (first.isPing) pongs.push(nowMs + roundTripMs);
      else tookMs.push(nowMs - first.atMs);
    }
    while ((pongs[0] ?? Infinity) <= nowMs) {
      pongs.shift();
      if (pace.ponged(nowMs)) ping(nowMs);
    }
    if (!pace.isOpen) continue;
    queue.push({ atMs: nowMs, bytes: frameBytes, isPing: false });
    if (pace.sent(frameBytes, nowMs)) ping(nowMs);
    const ahead = queue.reduce((sum, { bytes, isPing }) => sum + (isPing ? 0 : bytes), 0);
    mostAhead = Math.max(mostAhead, ahead);
  }
  return { tookMs, mostAhead };
}

describe("the pace of state", () => {
  test("[STATE-13] on a slow link no frame waits behind more than a window, and soon behind less", () => {
    const slow = fc.record({
      bytesPerSecond: fc.integer({ min: 4_000, max: 200_000 }),
      roundTripMs: fc.integer({ min: 0, max: 400 }),
      frameBytes: fc.integer({ min: 200, max: 20_000 }),
    });
    fc.assert(
      fc.property(slow, (link) => {
        const { tookMs, mostAhead } = play(link, 60_000);
        assert.ok(mostAhead <= MOST_AHEAD_BYTES + link.frameBytes, `${mostAhead} bytes on their way`);
        assert.ok(tookMs.length > 5, "it is never stopped for good");
        // One frame is on its way at least; and the smallest windows are doubled now and then, to see what comes of it.
        const atLeastMs = ((8_192 + 2 * link.frameBytes + 40) / link.bytesPerSecond) * 1_000;
        const late = tookMs.slice(tookMs.length / 2);
        assert.ok(
          Math.max(...late) <= atLeastMs + 2 * 200 + 3 * STEP_MS,
          `${Math.max(...late)} ms, ${atLeastMs}`,
        );
      }),
      { numRuns: 60 },
    );
  });

  test("[STATE-13] a reader of 64 KB/s is never a second behind what it is sent, whatever the way takes", () => {
    for (const roundTripMs of [1, 50, 200]) {
      const { tookMs } = play({ bytesPerSecond: 64_000, roundTripMs, frameBytes: 14_000 }, 60_000);
      assert.ok(Math.max(...tookMs) < 1_000, `${Math.max(...tookMs)} ms`);
    }
  });

  test("[STATE-13] on a quick link it holds back for a round trip after each of the largest windows", () => {
    const link = { bytesPerSecond: 10_000_000, roundTripMs: 40, frameBytes: 3_000 };
    const { tookMs } = play(link, 10_000);
    // A frame in every step is 600 KB/s, so a window is sent in 110 ms.
    const windowMs = (MOST_AHEAD_BYTES / 600_000) * 1_000;
    assert.ok(tookMs.length > (10_000 / STEP_MS) * (windowMs / (windowMs + 40 + 2 * STEP_MS)) * 0.95);
  });

  test("a pong that nobody asked for changes nothing, and who never answers is sent to when that is known", () => {
    const pace = new StatePace();
    assert.equal(pace.ponged(5), false);
    while (pace.isOpen) pace.sent(1_000, 10);
    assert.equal(pace.hasAnswered, false);
    pace.isDeafNow();
    assert.equal(pace.isOpen, true);
    for (let sent = 0; sent < 100; sent += 1) pace.sent(1_000, 20);
    assert.equal(pace.ponged(100), true);
    assert.equal(pace.isOpen, false, "it answers after all, so it is waited for");
  });
});
