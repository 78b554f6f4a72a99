import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Message } from "@parlor/protocol";
import fc from "fast-check";
import { SampleLog } from "../../test/sample-log.ts";
import { SERVER } from "../acts.ts";
import { isDeleted } from "../fold.ts";
import { EMPTY_TIMELINE, foldTimeline, shownRun, type Timeline } from "../timeline.ts";

/** What one of the room says, or what a moderator does about one of them or to a message so far back. */
type Step = { readonly kind: "say" | "clear" | "remove"; readonly who: number; readonly back: number };

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("say" as const, "say" as const, "clear" as const, "remove" as const),
  who: fc.integer({ min: 0, max: 2 }),
  back: fc.integer({ min: 1, max: 6 }),
});

/** A room in which that happened, and what is left to be seen of what people said. */
function roomOf(steps: readonly Step[]): { readonly log: SampleLog; readonly gone: ReadonlySet<number> } {
  const log = new SampleLog();
  const gone = new Set<number>();
  for (const { kind, who, back } of steps) {
    const [message] = log.append(1) as [Message];
    const { offset } = message;
    const person = `person-${who}`;
    const re = offset - back;
    const act = kind === "clear" ? { kind, identity: person } : { kind };
    if (kind === "say") Object.assign(message, { from: person });
    else
      Object.assign(message, {
        from: SERVER,
        body: { text: "An act.", act },
        ...(kind === "remove" ? { re } : {}),
      });
    for (const before of log.messages) {
      if (before.from === SERVER || before === message) continue;
      if (kind === "clear" ? before.from === person : kind === "remove" && before.offset === re)
        gone.add(before.offset);
    }
  }
  return { log, gone };
}

/** What a page shows as gone that was there from `joined` on, took what came in parts, and then read up to the beginning. */
function shownGone(log: SampleLog, joined: number, part: number): ReadonlySet<number> {
  let timeline: Timeline = foldTimeline(EMPTY_TIMELINE, {
    kind: "subscribed",
    frame: log.subscribed(joined),
  });
  const live = log.behind(joined);
  for (let i = 0; i < live.length; i += part)
    timeline = foldTimeline(timeline, { kind: "messages", messages: live.slice(i, i + part) });
  for (;;) {
    const before = shownRun(timeline)?.from ?? 1;
    if (before <= 1) break;
    timeline = foldTimeline(timeline, { kind: "page", before, page: log.page(before, part) });
  }
  const shown = shownRun(timeline)?.messages ?? [];
  const gone = shown.filter(({ offset, from }) => {
    const told = timeline.told.get(offset);
    return from !== SERVER && told !== undefined && isDeleted(told, from);
  });
  return new Set(gone.map(({ offset }) => offset));
}

describe("what moderators removed or cleared", () => {
  test("[MODPAGE-3] is gone from a page in whatever order it learns of the acts and of the messages", () => {
    const parts = fc.integer({ min: 1, max: 9 });
    const joins = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), joins, parts, (steps, join, part) => {
        const { log, gone } = roomOf(steps);
        const sorted = (offsets: ReadonlySet<number>): number[] => [...offsets].sort((a, b) => a - b);
        assert.deepEqual(sorted(shownGone(log, Math.floor(join * log.head), part)), sorted(gone));
      }),
      { numRuns: 300 },
    );
  });
});
