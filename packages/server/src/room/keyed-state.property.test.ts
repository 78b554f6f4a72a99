import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { KeyedState, type StateCursor } from "./keyed-state.ts";
import { decodeRecord, encodeKeep, encodeSet } from "./state-record.ts";

/** A log of records as the side room is one, with its compaction. */
class RecordLog {
  records: { offset: number; bodyJson: string }[] = [];
  head = 0;

  append(bodyJson: string): void {
    this.head += 1;
    this.records.push({ offset: this.head, bodyJson });
  }

  /** As a node does that has folded all of it, with what others append meanwhile. */
  compact(folded: KeyedState, meanwhile: () => void): void {
    const upTo = folded.head;
    const entries = [...folded.values()];
    for (let from = 0; from < entries.length; from += 2) {
      this.append(encodeKeep(upTo, entries.slice(from, from + 2)));
      meanwhile();
    }
    this.records = this.records.filter(({ offset }) => offset > upTo);
  }

  foldInto(state: KeyedState): void {
    for (const { offset, bodyJson } of this.records) {
      if (offset > state.head) state.apply(offset, decodeRecord(bodyJson));
    }
  }

  folded(maxRemoved: number): KeyedState {
    const state = new KeyedState(maxRemoved);
    state.reset((this.records[0]?.offset ?? this.head + 1) - 1);
    this.foldInto(state);
    return state;
  }
}

/** A client: applies what it is told and nothing else. */
class Reader {
  cursor: StateCursor | null = null;
  readonly entries = new Map<string, unknown>();

  /** Takes one frame; false where there was none. */
  take(state: KeyedState, maxBytes: number): boolean {
    const slice = state.behind(this.cursor, maxBytes);
    if (slice === null) return false;
    if (slice.isFull) this.entries.clear();
    const entries = JSON.parse(`{${slice.texts.join(",")}}`) as Record<string, unknown>;
    for (const [key, value] of Object.entries(entries)) {
      if (value === null) this.entries.delete(key);
      else this.entries.set(key, value);
    }
    assert.equal(Object.keys(entries).length, slice.texts.length, "each key once");
    this.cursor = slice.next;
    return true;
  }

  /** What a client that comes back can say: the version that it was told last. */
  reconnect(): void {
    if (this.cursor !== null) this.cursor = { at: this.cursor.at, since: null };
  }
}

const KEYS = ["a", "b", "c", "d", "__proto__", 'q"\n'];

type Act =
  | { readonly kind: "set"; readonly key: string; readonly value: number | null }
  | { readonly kind: "take" | "reconnect" | "catch-up"; readonly reader: number }
  | {
      readonly kind: "compact";
      readonly meanwhile: { readonly key: string; readonly value: number | null }[];
    }
  | { readonly kind: "restart" | "fold" };

const change = fc.record({ key: fc.constantFrom(...KEYS), value: fc.option(fc.nat(99), { freq: 2 }) });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: change.map((set) => ({ kind: "set" as const, ...set })) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("take" as const, "reconnect" as const, "catch-up" as const),
      reader: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "fold" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("compact" as const),
      meanwhile: fc.array(change, { maxLength: 3 }),
    }),
  },
);

describe("the state of a room", () => {
  test("[STATE-1] [STATE-4] whole states and changes give every reader the truth, however they interleave", () => {
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 80, size: "max" }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        (acts, maxRemoved, maxBytes) => {
          const log = new RecordLog();
          const truth = new Map<string, unknown>();
          let state = new KeyedState(maxRemoved);
          const readers = [new Reader(), new Reader(), new Reader()];
          const set = (key: string, value: number | null): void => {
            log.append(encodeSet(key, JSON.stringify(value)));
            if (value === null) truth.delete(key);
            else truth.set(key, value);
          };
          const toEnd = (reader: Reader): void => {
            log.foldInto(state);
            let frames = 0;
            while (reader.take(state, maxBytes)) {
              frames += 1;
              assert.ok(frames <= 2 * KEYS.length + 1, "it ends: what lies behind a cursor is no backlog");
            }
            assert.deepEqual(reader.entries, truth);
          };
          for (const step of acts) {
            switch (step.kind) {
              case "set":
                set(step.key, step.value);
                break;
              case "take":
                readers[step.reader]?.take(state, maxBytes);
                break;
              case "reconnect":
                readers[step.reader]?.reconnect();
                break;
              case "catch-up":
                toEnd(readers[step.reader] as Reader);
                break;
              case "fold":
                log.foldInto(state);
                break;
              case "compact": {
                log.foldInto(state);
                const rest = [...step.meanwhile];
                log.compact(state, () => {
                  const next = rest.shift();
                  if (next !== undefined) set(next.key, next.value);
                });
                break;
              }
              case "restart":
                // Another process folds what the log has; who was connected comes back to it.
                state = log.folded(maxRemoved);
                for (const reader of readers) reader.reconnect();
                break;
            }
          }
          for (const reader of readers) {
            toEnd(reader);
            reader.reconnect();
            toEnd(reader);
          }
          assert.equal(state.keys, truth.size);
          assert.equal(
            state.bytes,
            [...truth].reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + String(value).length, 0),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  test("[STATE-3] what waits for a slow reader is the newest of each key, however much happens meanwhile", () => {
    const state = new KeyedState(10);
    const reader = new Reader();
    state.apply(1, { kind: "set", key: "a", valueJson: "0" });
    reader.take(state, 1_000);
    for (let offset = 2; offset <= 10_001; offset++) {
      state.apply(offset, { kind: "set", key: KEYS[offset % 3] as string, valueJson: String(offset) });
    }
    const slice = state.behind(reader.cursor, 1_000);
    assert.equal(slice?.texts.length, 3);
    assert.equal(slice.isFull, false);
    assert.equal(slice.more, false);
    assert.deepEqual(slice.next, { at: 10_001, since: null });
  });

  test("[STATE-4] who was told a state that lacked what was rewritten is told all of it anew", () => {
    const state = new KeyedState(10);
    const reader = new Reader();
    state.reset(5);
    state.apply(6, { kind: "set", key: "b", valueJson: "1" });
    reader.take(state, 1_000);
    state.apply(7, { kind: "keep", upTo: 5, entries: [{ key: "a", version: 2, valueJson: "1" }] });
    reader.take(state, 1_000);
    assert.deepEqual(
      reader.entries,
      new Map([
        ["a", 1],
        ["b", 1],
      ]),
    );
    assert.equal(reader.take(state, 1_000), false);
  });

  test("[STATE-4] what was removed, and the removal forgotten, does not come back with what was rewritten before", () => {
    for (const floor of [0, 4]) {
      const state = new KeyedState(1);
      if (floor > 0) state.reset(floor);
      else
        for (const [i, key] of ["a", "b", "c", "d"].entries())
          state.apply(i + 1, { kind: "set", key, valueJson: "0" });
      state.apply(5, { kind: "set", key: "a", valueJson: null });
      state.apply(6, { kind: "set", key: "b", valueJson: null });
      const entries = ["a", "b", "c"].map((key, i) => ({ key, version: i + 1, valueJson: "0" }));
      state.apply(7, { kind: "keep", upTo: 4, entries });
      assert.equal(state.get("a"), null);
      assert.equal(state.get("b"), null);
      assert.equal(state.get("c"), "0");
    }
  });

  test("[STATE-1] a newcomer is not told of what was removed before", () => {
    const state = new KeyedState(10);
    state.apply(1, { kind: "set", key: "a", valueJson: "1" });
    state.apply(2, { kind: "set", key: "b", valueJson: "1" });
    state.apply(3, { kind: "set", key: "a", valueJson: null });
    assert.deepEqual(state.behind(null, 1_000)?.texts, ['"b":1']);
    assert.deepEqual(state.behind({ at: 1, since: null }, 1_000)?.texts, ['"b":1', '"a":null']);
  });
});
