import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { packSignal, unpackSignal, type Signal } from "./signal.ts";
import { SignalFrames } from "./signal-frames.ts";
import { SignalGathering } from "./signal-gathering.ts";

const signals: fc.Arbitrary<Signal[]> = fc.array(
  fc
    .tuple(fc.constantFrom("ada", "bob", "cy"), fc.constantFrom("tab-00001", "tab-00002"), fc.nat(40))
    .map(([from, producer, size]) => ({ from, producer, bodyJson: JSON.stringify("x".repeat(size)) })),
  { maxLength: 40 },
);

const sizeOf = (all: readonly Signal[]): number =>
  all.reduce((sum, { from, bodyJson }) => sum + from.length + bodyJson.length + 64, 0);

describe("the signals of a tick", () => {
  test("[SIGNAL-9] are of each identity its newest, in the order in which all came, within the bound, and each is told or counted", () => {
    fc.assert(
      fc.property(
        signals,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 1_500 }),
        (all, newest, max) => {
          const gathering = new SignalGathering(newest, max);
          let left = 0;
          for (const signal of all) left += gathering.add(signal);
          const kept = gathering.takeAll();
          assert.equal(kept.length + left, all.length);
          assert.deepEqual(
            kept,
            all.filter((signal) => kept.includes(signal)),
          );
          assert.ok(sizeOf(kept) <= max || kept.length === 1);
          assert.equal(kept.at(-1), all.at(-1));
          for (const from of new Set(all.map((signal) => signal.from))) {
            const own: Signal[] = kept.filter((signal) => signal.from === from);
            const allOwn = all.filter((signal) => signal.from === from);
            assert.ok(own.length <= newest);
            assert.deepEqual(own, allOwn.slice(allOwn.length - own.length), "the newest, without a hole");
          }
          if (sizeOf(all) <= max) {
            for (const signal of all.slice(-newest)) assert.ok(kept.includes(signal));
          }
          assert.ok(gathering.isEmpty);
        },
      ),
    );
  });

  test("[SIGNAL-2] reach each subscriber but their sender, whole and in order, in either form", () => {
    const readers = ["ada", "bob", "nobody"].flatMap((from) =>
      ["tab-00001", "tab-00002"].map((producer) => ({ from, producer })),
    );
    fc.assert(
      fc.property(signals, (all) => {
        if (all.length === 0) return;
        const frames = new SignalFrames("lobby", all);
        for (const form of ["single", "batched"] as const) {
          for (const reader of readers) {
            const expected = all.filter(
              ({ from, producer }) => from !== reader.from || producer !== reader.producer,
            );
            const told = frames.for(form, reader);
            const read = (told?.frames.texts ?? []).flatMap((text) => {
              const frame = JSON.parse(text) as { signals?: object[]; from?: string; body?: unknown };
              return frame.signals ?? [{ from: frame.from, body: frame.body }];
            });
            assert.deepEqual(
              read,
              expected.map(({ from, bodyJson }) => ({ from, body: JSON.parse(bodyJson) as unknown })),
            );
            assert.equal(told?.signalCount ?? 0, expected.length);
          }
        }
      }),
    );
  });

  test("[SIGNAL-1] cross the bus as they are, whatever an identity and a body hold", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    fc.assert(
      fc.property(text, text, fc.json(), (from, producer, bodyJson) => {
        const signal = { from, producer, bodyJson };
        assert.deepEqual(unpackSignal(packSignal(signal)), signal);
      }),
    );
  });
});
