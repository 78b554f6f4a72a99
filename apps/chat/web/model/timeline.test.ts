import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SampleLog } from "../test/sample-log.ts";
import {
  EMPTY_TIMELINE,
  foldTimeline,
  hasOlder,
  isFilling,
  MAX_FOLLOWED,
  MAX_SHOWN,
  shownRun,
  type Timeline,
  type TimelineEvent,
} from "./timeline.ts";

function fold(timeline: Timeline, ...events: TimelineEvent[]): Timeline {
  return events.reduce(foldTimeline, timeline);
}

/** A timeline that joined at the newest 50 of `log` and took them. */
function joined(log: SampleLog): Timeline {
  const newest = log.behind(0).slice(-50);
  const after = (newest[0]?.offset ?? log.head + 1) - 1;
  return fold(
    EMPTY_TIMELINE,
    { kind: "subscribed", frame: log.subscribed(after) },
    { kind: "messages", messages: newest },
  );
}

function offsetsShown(timeline: Timeline): number[] {
  return shownRun(timeline)?.messages.map(({ offset }) => offset) ?? [];
}

function page(log: SampleLog, timeline: Timeline): TimelineEvent {
  const before = shownRun(timeline)?.from ?? 1;
  return { kind: "page", before, page: log.page(before, 50) };
}

describe("foldTimeline", () => {
  test("[PAGE-3] a room is filling until its newest message at the time of joining is there", () => {
    const log = new SampleLog();
    log.append(3);
    const asked = fold(EMPTY_TIMELINE, { kind: "subscribed", frame: log.subscribed(0) });
    assert.equal(isFilling(EMPTY_TIMELINE), true);
    assert.equal(isFilling(asked), true);
    assert.equal(isFilling(fold(asked, { kind: "messages", messages: log.behind(0) })), false);
  });

  test("[PAGE-6] a page of history stands before what is shown, and says where the room begins", () => {
    const log = new SampleLog();
    log.append(80);
    const timeline = joined(log);
    assert.equal(hasOlder(timeline), true);
    const read = fold(timeline, page(log, timeline));
    assert.deepEqual(
      offsetsShown(read),
      log.messages.map(({ offset }) => offset),
    );
    assert.equal(hasOlder(read), false);
  });

  test("[HIST-4] whoever goes to a message far up is shown what is around it, and reads on from there", () => {
    const log = new SampleLog();
    log.append(1_000);
    const went = fold(joined(log), { kind: "went", before: 126, page: log.page(126, 50) });
    assert.deepEqual([offsetsShown(went)[0], offsetsShown(went).at(-1)], [76, 125]);
    assert.equal(went.isPinned, false);
    const further = fold(went, { kind: "page", before: 176, page: log.page(176, 50) });
    assert.deepEqual([offsetsShown(further)[0], offsetsShown(further).at(-1)], [76, 175]);
    assert.equal(offsetsShown(fold(further, { kind: "jumped" })).at(-1), log.head);
  });

  test("[HIST-4] whoever goes to a message just above what is shown follows the room from there", () => {
    const log = new SampleLog();
    log.append(100);
    const before = joined(log);
    const from = offsetsShown(before)[0] ?? 0;
    const went = fold(before, { kind: "went", before: from, page: log.page(from, 20) });
    assert.equal(went.past, null);
    assert.equal(offsetsShown(went).at(-1), log.head);
  });

  test("[PAGE-6] a page that no longer fits what is shown is left out", () => {
    const log = new SampleLog();
    log.append(200);
    const timeline = joined(log);
    const stray: TimelineEvent = { kind: "page", before: 90, page: log.page(90, 50) };
    assert.deepEqual(offsetsShown(fold(timeline, stray)), offsetsShown(timeline));
  });

  test("[PAGE-6] a page of another history is left out", () => {
    const log = new SampleLog();
    log.append(80);
    const timeline = joined(log);
    const other = { ...log.page(31, 50), epoch: "other" };
    assert.equal(fold(timeline, { kind: "page", before: 31, page: other }), timeline);
  });

  test("[PAGE-4] at the newest message the oldest are let go", () => {
    const log = new SampleLog();
    log.append(50);
    const full = fold(joined(log), { kind: "messages", messages: log.append(MAX_SHOWN) });
    assert.equal(offsetsShown(full).length, MAX_FOLLOWED);
    assert.equal(offsetsShown(full).at(-1), log.head);
    assert.equal(hasOlder(full), true);
  });

  test("[PAGE-4] a reader further up keeps what they read while the room goes on", () => {
    const log = new SampleLog();
    log.append(50);
    const reading = fold(joined(log), { kind: "pinned", isPinned: false });
    const later = fold(reading, { kind: "messages", messages: log.append(2 * MAX_SHOWN) });
    assert.equal(offsetsShown(later).length, MAX_SHOWN);
    assert.equal(offsetsShown(later)[0], 1);
    assert.equal(offsetsShown(fold(later, { kind: "jumped" })).at(-1), log.head);
  });

  test("[PAGE-5] what was trimmed meanwhile is told between what is left and what follows", () => {
    const log = new SampleLog();
    log.append(10);
    const timeline = joined(log);
    log.append(30);
    log.earliest = 31;
    const frame = log.subscribed(30, { lost: { from: 11, to: 30 } });
    const told = fold(
      timeline,
      { kind: "subscribed", frame },
      { kind: "messages", messages: log.behind(30) },
    );
    assert.deepEqual(shownRun(told)?.lost, [{ from: 11, to: 30 }]);
    assert.deepEqual(
      offsetsShown(told),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40],
    );
  });

  test("[PAGE-6] what was skipped after a long absence is read by scrolling up", () => {
    const log = new SampleLog();
    log.append(10);
    const timeline = joined(log);
    log.append(90);
    const frame = log.subscribed(80, { skipped: { from: 11, to: 80 } });
    const woken = fold(
      timeline,
      { kind: "subscribed", frame },
      { kind: "messages", messages: log.behind(80) },
    );
    assert.equal(offsetsShown(woken)[0], 81);
    const read = fold(woken, page(log, woken));
    assert.equal(offsetsShown(read)[0], 31);
    assert.equal(offsetsShown(fold(read, page(log, read)))[0], 1);
  });

  test("[PAGE-6] a reader further up keeps what they read when the page skips what it missed", () => {
    const log = new SampleLog();
    log.append(10);
    const reading = fold(joined(log), { kind: "pinned", isPinned: false });
    log.append(90);
    const woken = fold(reading, {
      kind: "subscribed",
      frame: log.subscribed(80, { skipped: { from: 11, to: 80 } }),
    });
    assert.deepEqual(offsetsShown(woken), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.notEqual(woken.past, null);
  });

  test("[PAGE-5] a replaced history starts anew, and says so", () => {
    const log = new SampleLog();
    log.append(10);
    const timeline = joined(log);
    const fresh = new SampleLog();
    fresh.epoch = "epoch-2";
    fresh.append(2);
    const anew = fold(
      timeline,
      { kind: "subscribed", frame: fresh.subscribed(0, { lost: { epoch: true } }) },
      { kind: "messages", messages: fresh.behind(0) },
    );
    assert.deepEqual(offsetsShown(anew), [1, 2]);
    assert.equal(anew.beganAnew, true);
  });

  test("[PAGE-7] a message about another one is not shown as one of its own", () => {
    const log = new SampleLog();
    log.append(2);
    log.append(1, 1, 2);
    log.append(1);
    assert.deepEqual(offsetsShown(joined(log)), [1, 2, 4]);
    assert.equal(isFilling(joined(log)), false);
  });
});
