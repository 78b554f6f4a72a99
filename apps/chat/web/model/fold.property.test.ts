import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HistoryPageFrame, Message } from "@parlor/protocol";
import fc from "fast-check";
import { SampleLog, SELF } from "../test/sample-log.ts";
import { entryOf } from "./entries.ts";
import { foldEntries, foldMessage, NOTHING_TOLD, type FoldedMessage } from "./fold.ts";
import { layOutRows } from "./rows.ts";
import { EMPTY_TIMELINE, foldTimeline, shownRun, type Timeline } from "./timeline.ts";

const PEOPLE = ["ada", "bob", "eve"] as const;
const EMOJI = ["👍", "🎉", "👩‍👩‍👧‍👦"] as const;

const saying = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  fc.record({ edit: fc.constantFrom("new", "newer", "  ", "**bold**") }),
  fc.constant({ delete: true }),
  fc.record({ react: fc.constantFrom(...EMOJI), name: fc.constantFrom("Ada", "Bob") }),
  fc.record({ unreact: fc.constantFrom(...EMOJI) }),
  // What other programs may have put there says nothing.
  fc.constantFrom<unknown>(
    { edit: 7 },
    { react: "not an emoji" },
    { delete: "yes" },
    { text: "a comment" },
    [],
  ),
);

/** A log as it could be: messages, and entries by anybody about anything before them. */
const log: fc.Arbitrary<readonly Message[]> = fc
  .array(fc.tuple(saying, fc.constantFrom(...PEOPLE), fc.nat(), fc.integer({ min: 1, max: 3 })), {
    minLength: 1,
    maxLength: 60,
    size: "max",
  })
  .map((says) => {
    let offset = 0;
    const messages: Message[] = [];
    for (const [body, from, target, skip] of says) {
      offset += skip;
      const about = messages.at(target % (messages.length + 1))?.offset;
      const isEntry = body !== null && about !== undefined;
      messages.push({
        offset,
        from,
        producer: "some-page",
        seq: offset,
        at: offset,
        body: isEntry ? body : { text: `message ${offset}`, name: from },
        ...(isEntry ? { re: about } : {}),
      });
    }
    return messages;
  });

/** The log read in order, in the plainest way: what any page must come to. */
function asTold(messages: readonly Message[]): Map<number, FoldedMessage> {
  const shown = new Map<number, FoldedMessage>();
  const marks = new Map<number, { emoji: string; from: string; name: string | null }[]>();
  for (const { offset, from, re, body } of messages) {
    const said = body as Readonly<Record<string, unknown>>;
    if (re === undefined) {
      const { text, name } = said as Record<string, string>;
      shown.set(offset, {
        body: { kind: "text", text: text ?? "", name: name ?? "" },
        isEdited: false,
        reactions: [],
      });
      continue;
    }
    const about = shown.get(re);
    const author = messages.find((message) => message.offset === re)?.from;
    if (about === undefined || about.body.kind !== "text") continue;
    const mine = marks.get(re) ?? [];
    marks.set(re, mine);
    if (said["delete"] === true && from === author) {
      shown.set(re, { body: { kind: "erased" }, isEdited: false, reactions: [] });
      continue;
    }
    if (typeof said["edit"] === "string" && said["edit"].trim() !== "" && from === author) {
      shown.set(re, { ...about, body: { ...about.body, text: said["edit"] }, isEdited: true });
    }
    const emoji = said["react"] ?? said["unreact"];
    if (typeof emoji !== "string" || emoji === "not an emoji") continue;
    const before = mine.findIndex((mark) => mark.emoji === emoji && mark.from === from);
    if (before >= 0) mine.splice(before, 1);
    if (said["react"] !== undefined) mine.push({ emoji, from, name: String(said["name"]) });
    const kinds = [...new Set(mine.map((mark) => mark.emoji))];
    const reactions = kinds.map((kind) => ({
      emoji: kind,
      by: mine.filter((mark) => mark.emoji === kind).map(({ from: who, name }) => ({ from: who, name })),
    }));
    shown.set(re, { ...(shown.get(re) ?? about), reactions });
  }
  return shown;
}

function isNotNull<Value>(value: Value | null): value is Value {
  return value !== null;
}

/** A page of history as the server makes it, with what is related to it. */
function pageOf(kept: SampleLog, before: number, limit: number): HistoryPageFrame {
  const page = kept.page(before, limit);
  const offsets = new Set(page.messages.map(({ offset }) => offset));
  return { ...page, related: kept.messages.filter(({ re }) => re !== undefined && offsets.has(re)) };
}

function rowsOf(timeline: Timeline, from: number): unknown {
  const run = shownRun(timeline);
  assert.ok(run !== null && run.from <= from);
  const messages = run.messages.filter(({ offset }) => offset >= from);
  return layOutRows({ ...run, messages }, [], SELF, timeline.told);
}

describe("the fold from log to view", () => {
  test("[MSG-1] entries in any order, cut anywhere, some of them twice, end as the log read in order", () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(), { maxLength: 90 }), (messages, shuffle) => {
        const entries = messages.map(entryOf).filter(isNotNull);
        // As often as `shuffle` says it, in its order; then whatever it left out, backwards.
        const some = shuffle.map((index) => entries[index % Math.max(1, entries.length)]);
        const arrivals = [...some, ...[...entries].reverse()].filter((entry) => entry !== undefined);
        let told = NOTHING_TOLD;
        for (const entry of arrivals) told = foldEntries(told, [entry]);
        const expected = asTold(messages);
        for (const message of messages) {
          if (message.re === undefined)
            assert.deepEqual(foldMessage(message, told), expected.get(message.offset));
        }
        assert.equal(foldEntries(told, entries), told, "what is known already changes nothing");
      }),
      { numRuns: 500 },
    );
  });

  test("[MSG-1] a page that came late and filled its gap by history shows what one shows that was there all along", () => {
    fc.assert(
      fc.property(log, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 9 }), (messages, join, cut, limit) => {
        const kept = new SampleLog();
        kept.messages = [...messages];
        const middle = messages[join % messages.length]?.offset ?? 0;
        const live = kept.behind(middle);
        const begun = foldTimeline(EMPTY_TIMELINE, { kind: "subscribed", frame: kept.subscribed(0) });
        const always = foldTimeline(begun, { kind: "messages", messages });

        let late = foldTimeline(EMPTY_TIMELINE, { kind: "subscribed", frame: kept.subscribed(middle) });
        // Pages of history are answered between the messages that arrive.
        const first = live.slice(0, cut % (live.length + 1));
        late = foldTimeline(late, { kind: "messages", messages: first });
        for (let turn = 0; turn < 100 && (shownRun(late)?.from ?? 1) > 1; turn++) {
          const before = shownRun(late)?.from ?? 1;
          late = foldTimeline(late, { kind: "page", before, page: pageOf(kept, before, limit) });
        }
        late = foldTimeline(late, { kind: "messages", messages: live.slice(first.length) });
        assert.deepEqual(rowsOf(late, 1), rowsOf(always, 1));
      }),
      { numRuns: 300 },
    );
  });
});
