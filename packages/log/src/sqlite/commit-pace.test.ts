import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { seededRandom } from "@parlor/testkit";
import { CommitPace } from "./commit-pace.ts";

const COMMIT_MS = 0.6;

/**
 * Plays a disk whose commits take 0.6 ms against callers, for `ms`; answers what share of the time's second
 * half commits were spaced, and how many appends came in it.
 */
function play(
  ms: number,
  next: (nowMs: number, answeredAtMs: number | null) => number,
): { spaced: number; appends: number } {
  const pace = new CommitPace();
  let nowMs = 0;
  let waiting = 0;
  let groupAtMs: number | null = null;
  let doneAtMs: number | null = null;
  let inFlight = 0;
  let dueMs = next(0, null);
  let spaced = 0;
  let looks = 0;
  let appends = 0;
  for (; nowMs < ms; nowMs += 0.1) {
    if (nowMs > ms / 2) {
      looks += 1;
      if (pace.delayMs > 0) spaced += 1;
    }
    if (doneAtMs !== null && nowMs >= doneAtMs) {
      doneAtMs = null;
      inFlight = 0;
      if (dueMs === Infinity) dueMs = next(nowMs, nowMs);
    }
    while (nowMs >= dueMs) {
      pace.noteAppend(waiting + inFlight > 0, nowMs);
      if (nowMs > ms / 2) appends += 1;
      waiting += 1;
      groupAtMs ??= nowMs + pace.delayMs;
      dueMs = next(dueMs, null);
    }
    if (waiting > 0 && doneAtMs === null && groupAtMs !== null && nowMs >= groupAtMs) {
      pace.noteGroup();
      inFlight = waiting;
      waiting = 0;
      groupAtMs = null;
      doneAtMs = nowMs + COMMIT_MS;
    }
  }
  return { spaced: spaced / looks, appends };
}

/** Callers who do not wait for one another: arrivals at random, `intervalMs` apart on average. */
function every(intervalMs: number): (nowMs: number) => number {
  const random = seededRandom(7);
  return (nowMs) => nowMs - intervalMs * Math.log(1 - random());
}

describe("the pace of commits", () => {
  test("[LOG-45] a thousand appends a second that come at their own pace share commits, and none is held up for long", () => {
    const { spaced, appends } = play(3_000, every(1));
    assert.ok(spaced > 0.9, `spaced for ${spaced} of the time`);
    assert.ok(appends > 1_300, "as many come as before");
  });

  test("[LOG-45] few appends are stored at once", () => {
    assert.equal(play(3_000, every(10)).spaced, 0);
  });

  test("[LOG-45] some hundred a second are stored at once, also behind a burst that was spaced", () => {
    assert.ok(play(3_000, every(2.6)).spaced < 0.05, "380 a second, which come in clusters");
    const [often, seldom] = [every(1), every(4)];
    const burst = play(1_200, (nowMs) => (nowMs < 800 ? often : seldom)(nowMs));
    assert.equal(burst.spaced, 0, "a burst of 0.8 s");
    const { spaced } = play(6_000, (nowMs) => (nowMs < 2_500 ? often : seldom)(nowMs));
    assert.ok(spaced < 0.05, `spaced for ${spaced} of the time`);
  });

  test("[LOG-45] a caller that waits for each answer is hardly ever made to wait longer", () => {
    const waits = (nowMs: number, answeredAtMs: number | null): number =>
      answeredAtMs === null && nowMs > 0 ? Infinity : nowMs + 0.1;
    assert.ok(play(6_000, waits).spaced < 0.05);
  });

  test("[LOG-45] groups that are large by themselves are not spaced", () => {
    assert.ok(play(3_000, every(0.04)).spaced < 0.1);
  });
});
