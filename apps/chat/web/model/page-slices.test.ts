import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SampleLog, sampleMessage } from "../test/sample-log.ts";
import { pageSlices, SLICE_MESSAGES, type PageSlice } from "./page-slices.ts";
import { EMPTY_TIMELINE, foldTimeline, shownRun, type Timeline } from "./timeline.ts";

/** A room of `count` messages whose offsets skip, of which a page shows the newest few. */
function scene(count: number): { readonly log: SampleLog; readonly timeline: Timeline } {
  const log = new SampleLog();
  log.append(count, 3);
  const newest = log.messages.slice(-5);
  const after = (newest[0]?.offset ?? 1) - 1;
  let timeline = foldTimeline(EMPTY_TIMELINE, { kind: "subscribed", frame: log.subscribed(after) });
  timeline = foldTimeline(timeline, { kind: "messages", messages: newest });
  return { log, timeline: { ...timeline, isPinned: false } };
}

function foldSlices(timeline: Timeline, slices: readonly PageSlice[]): Timeline {
  return slices.reduce((folded, slice) => foldTimeline(folded, { kind: "page", ...slice }), timeline);
}

describe("slices of a page of history", () => {
  for (const limit of [1, SLICE_MESSAGES, SLICE_MESSAGES + 1, 50, 60]) {
    test(`[HIST-1] read upwards in slices, a page of ${limit} ends as if it came whole`, () => {
      const { log, timeline } = scene(60);
      const before = shownRun(timeline)?.from ?? 0;
      const page = log.page(before, limit);
      const slices = pageSlices(page, before, "older");
      assert.ok(slices.every((slice) => slice.page.messages.length <= SLICE_MESSAGES));
      assert.deepEqual(foldSlices(timeline, slices), foldTimeline(timeline, { kind: "page", before, page }));
    });
  }

  test("[HIST-9] of each slice but the last it is known what stands above it", () => {
    const { log, timeline } = scene(60);
    const before = shownRun(timeline)?.from ?? 0;
    const slices = pageSlices(log.page(before, 50), before, "older");
    for (const [index, { above }] of slices.entries())
      assert.equal(above?.offset, slices[index + 1]?.page.messages.at(-1)?.offset);
    const [first] = slices;
    assert.ok(first?.above);
    const folded = foldSlices(timeline, [first]);
    assert.equal(shownRun(folded)?.above, first.above);
  });

  test("[HIST-1] read downwards each slice follows on from what is shown", () => {
    const { log, timeline } = scene(80);
    const oldest = log.messages.slice(0, 2);
    const past = { from: 1, to: oldest[1]?.offset ?? 0, messages: oldest, lost: [] };
    const before = (log.messages[40]?.offset ?? 0) + 1;
    const slices = pageSlices(log.page(before, 40), before, "newer");
    let shown: Timeline = { ...timeline, past };
    for (const slice of slices) {
      shown = foldTimeline(shown, { kind: "page", ...slice });
      assert.equal(shownRun(shown)?.to, slice.before - 1);
    }
    assert.deepEqual(shownRun(shown)?.messages, log.messages.slice(0, 41));
    assert.equal(shownRun(shown)?.to, before - 1);
  });

  test("[HIST-2] what is said about messages comes with their slice", () => {
    const { log } = scene(60);
    const page = log.page(181, 50);
    const related = page.messages.map(({ offset }) => sampleMessage(900 + offset, { re: offset }));
    for (const slice of pageSlices({ ...page, related }, 181, "older")) {
      const about = slice.page.related?.map(({ re }) => re);
      assert.deepEqual(
        about,
        slice.page.messages.map(({ offset }) => offset),
      );
    }
  });
});
