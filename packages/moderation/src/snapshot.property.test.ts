import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ActRecord } from "./act-record.ts";
import { foldRecord, newState, type ModerationState, type PlacedRecord } from "./fold.ts";
import { restoreInto, snapshotOf } from "./snapshot.ts";

const person = fc.constantFrom("ada", "ben", "cy", "di", "@operator");
const key = fc.integer({ min: 0, max: 20 }).map((n) => `k${n}`);
const room = fc.constantFrom("r", "s", "@*");
const offset = fc.integer({ min: 1, max: 3 });
const forMs = fc.option(fc.integer({ min: 1, max: 40 }));
const act = fc.oneof(
  fc.record({ kind: fc.constantFrom("pin", "unpin", "remove"), offset }),
  fc.record({ kind: fc.constantFrom("lock", "screen"), on: fc.boolean() }),
  fc.record({ kind: fc.constant("mode"), mode: fc.constantFrom("open", "read-only", "link-only") }),
  fc.record({ kind: fc.constantFrom("mute", "ban"), identity: person, forMs, address: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("unmute", "unban", "clear"), identity: person }),
  fc.record({ kind: fc.constant("link"), right: fc.constantFrom("moderator", "reader"), forMs, label: key }),
  fc.record({ kind: fc.constant("revoke"), link: key }),
  fc.record({ kind: fc.constant("decide"), offset, verdict: fc.constantFrom("dismiss", "remove") }),
  fc.record({ kind: fc.constantFrom("let-through", "drop"), held: key }),
);
const reason = fc.constantFrom("spam", "abuse", "other");
const record = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("act"), room, key, by: person, act, id: key }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("claim"), room, key, by: person }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("accept"), room, key, by: person, link: key }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("report"),
      room,
      key,
      by: person,
      offset,
      reason,
      words: fc.string({ maxLength: 4, unit: "binary" }),
      from: person,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("hold"),
      room,
      key,
      by: person,
      body: fc.record({ text: key }),
      re: fc.option(offset),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("secret"), secret: key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("marks"),
      room,
      identity: person,
      marks: fc.array(key, { maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("done"), room, key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget"), identity: person }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("gone"), room }) },
) as fc.Arbitrary<ActRecord>;
const history = fc.array(fc.record({ record, afterMs: fc.integer({ min: 0, max: 10 }) }), {
  maxLength: 120,
  size: "max",
});

/** Everything that a state says, in its order, as text. */
function textOf(state: ModerationState): string {
  return JSON.stringify(state, (_key, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value,
  );
}

test("[MOD-26] acts that were summed up anywhere, and again later, fold to the very same as all of them, and judge the same", () => {
  fc.assert(
    fc.property(history, fc.array(fc.nat({ max: 120 }), { maxLength: 3 }), (steps, cuts) => {
      const all = newState();
      let compacted = newState();
      let at = 0;
      const claim = { kind: "claim", room: "r", key: "k0", by: "ada" } as const;
      const ban = { kind: "ban", identity: "di", forMs: null, address: true } as const;
      const banned = { kind: "act", room: "r", key: "ban", by: "ada", id: "ban", act: ban } as const;
      const begun = [claim, banned].map((each) => ({ record: each, afterMs: 0 }));
      const placed: PlacedRecord[] = [...begun, ...steps].map((each, i) => ({
        offset: i + 1,
        at: (at += each.afterMs),
        record: each.record,
      }));
      for (const [i, each] of placed.entries()) {
        assert.deepEqual(foldRecord(compacted, each), foldRecord(all, each));
        if (!cuts.includes(i)) continue;
        // As it comes back from a log: nothing is shared with what it was made of.
        const kept = JSON.parse(JSON.stringify(snapshotOf(compacted))) as ReturnType<typeof snapshotOf>;
        compacted = newState();
        foldRecord(compacted, { offset: 1, at: 0, record: { kind: "claim", room: "x", key: "x", by: "x" } });
        restoreInto(compacted, kept);
        assert.equal(textOf(compacted), textOf(all));
      }
      assert.equal(textOf(compacted), textOf(all));
    }),
    { numRuns: 300 },
  );
});
