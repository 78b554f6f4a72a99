import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { SampleLog } from "../test/sample-log.ts";
import { HistoryReader } from "./history-reader.ts";
import type { Run } from "./run.ts";
import {
  EMPTY_TIMELINE,
  foldTimeline,
  MAX_SHOWN,
  shownRun,
  type Timeline,
  type TimelineEvent,
} from "./timeline.ts";
import { signal } from "@preact/signals";

type Act =
  | { readonly kind: "append"; readonly count: number; readonly skip: number; readonly isAbout: boolean }
  | { readonly kind: "deliver"; readonly count: number }
  | { readonly kind: "resubscribe" }
  | { readonly kind: "skip" }
  | { readonly kind: "trim"; readonly count: number }
  | { readonly kind: "older" | "newer" | "answer" }
  | { readonly kind: "pin"; readonly isPinned: boolean }
  | { readonly kind: "jump" };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant("append" as const),
    count: fc.integer({ min: 1, max: 150 }),
    skip: fc.integer({ min: 1, max: 3 }),
    isAbout: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constantFrom("resubscribe" as const, "skip" as const, "jump" as const) }),
  fc.record({ kind: fc.constant("trim" as const), count: fc.integer({ min: 1, max: 60 }) }),
  {
    // Mostly somebody scrolls, for that is where runs are cut and joined.
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("older" as const, "newer" as const, "answer" as const) }),
  },
  fc.record({ kind: fc.constant("pin" as const), isPinned: fc.boolean() }),
);

/** A page, a room and the wire between them, where a page of history may be under way for long. */
class Scene {
  readonly log = new SampleLog();
  timeline = EMPTY_TIMELINE;
  cursor = 0;
  under: TimelineEvent[] = [];

  constructor() {
    this.log.append(120);
    this.cursor = 70;
    this.fold({ kind: "subscribed", frame: this.log.subscribed(70) });
  }

  fold(event: TimelineEvent): void {
    this.timeline = foldTimeline(this.timeline, event);
  }

  run(act: Act): void {
    switch (act.kind) {
      case "append":
        this.log.append(act.count, act.skip, act.isAbout ? 1 : undefined);
        return;
      case "deliver": {
        const messages = this.log.behind(this.cursor).slice(0, act.count);
        this.cursor = messages.at(-1)?.offset ?? this.cursor;
        return this.fold({ kind: "messages", messages });
      }
      case "resubscribe":
        return this.#subscribe(this.cursor);
      case "skip":
        return this.#subscribe(Math.max(this.cursor, this.log.head - 40));
      case "trim": {
        this.log.earliest = Math.min(this.log.earliest + act.count, this.log.head + 1);
        return this.#subscribe(this.cursor);
      }
      case "older":
        return this.#ask(shownRun(this.timeline)?.from);
      case "newer": {
        const { past, live } = this.timeline;
        return past === null ? undefined : this.#ask(Math.min(past.to + 51, live?.from ?? Infinity));
      }
      case "answer": {
        const event = this.under.shift();
        return event === undefined ? undefined : this.fold(event);
      }
      case "pin":
        return this.fold({ kind: "pinned", isPinned: act.isPinned });
      case "jump":
        return this.fold({ kind: "jumped" });
    }
  }

  #ask(before: number | undefined): void {
    if (before !== undefined) this.under.push({ kind: "page", before, page: this.log.page(before, 50) });
  }

  #subscribe(after: number): void {
    const kept = Math.max(after, this.log.earliest - 1);
    const lost =
      this.log.earliest - 1 > this.cursor ? { from: this.cursor + 1, to: this.log.earliest - 1 } : null;
    this.cursor = kept;
    this.fold({ kind: "subscribed", frame: this.log.subscribed(kept, { lost }) });
  }

  /** A run holds every message that there ever was in its range, but for what it says was lost. */
  check(run: Run | null): void {
    if (run === null) return;
    const held = this.log.messages.filter(
      ({ offset, re }) =>
        re === undefined &&
        offset >= run.from &&
        offset <= run.to &&
        !run.lost.some(({ from, to }) => offset >= from && offset <= to),
    );
    assert.deepEqual(
      run.messages.map(({ offset }) => offset),
      held.map(({ offset }) => offset),
    );
    assert.ok(run.messages.length <= MAX_SHOWN);
  }
}

describe("foldTimeline", () => {
  test("[PAGE-6] whatever happens in whatever order, what is shown has no hole and is bounded", () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 20, maxLength: 80, size: "max" }), (acts) => {
        const scene = new Scene();
        for (const each of acts) {
          scene.run(each);
          scene.check(scene.timeline.live);
          scene.check(scene.timeline.past);
        }
        scene.run({ kind: "jump" });
        scene.run({ kind: "deliver", count: Infinity });
        assert.equal(shownRun(scene.timeline)?.to, scene.cursor);
        assert.equal(scene.timeline.isPinned, true);
      }),
      { numRuns: 200 },
    );
  });

  test("[PAGE-6] reading down from the very beginning shows every message in turn and ends at the newest", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ count: fc.integer({ min: 1, max: 90 }), skip: fc.integer({ min: 1, max: 700 }) }),
          {
            minLength: 3,
            maxLength: 12,
          },
        ),
        fc.integer({ min: 1, max: 50 }),
        async (parts, maxMessages) => {
          const log = new SampleLog();
          for (const { count, skip } of parts) log.append(count, skip);
          const newest = log.behind(0).slice(-50);
          const after = (newest[0]?.offset ?? 1) - 1;
          let timeline = foldTimeline(EMPTY_TIMELINE, { kind: "subscribed", frame: log.subscribed(after) });
          timeline = foldTimeline(timeline, { kind: "messages", messages: newest });
          // As one who scrolled up to the very first message, far from the newest.
          const past = {
            from: 1,
            to: log.messages[0]?.offset ?? 0,
            messages: log.messages.slice(0, 1),
            lost: [],
          };
          const state = signal<Timeline>({ ...timeline, past, isPinned: false });
          const room = {
            history: ({ before = Infinity, limit = 50 }) =>
              Promise.resolve(log.page(before, limit, maxMessages)),
          };
          const fold = (event: TimelineEvent): void => {
            state.value = foldTimeline(state.value, event);
          };
          const reader = new HistoryReader(room, state, fold);
          let shownTo = 0;
          const seen: number[] = [];
          for (let turn = 0; turn < 20_000; turn++) {
            const run = shownRun(state.value);
            for (const { offset } of run?.messages ?? []) if (offset > shownTo) seen.push(offset);
            shownTo = Math.max(shownTo, seen.at(-1) ?? 0);
            if (state.value.past === null) break;
            await reader.readNewer();
          }
          assert.equal(state.value.past, null);
          assert.deepEqual(
            seen,
            log.messages.map(({ offset }) => offset),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
