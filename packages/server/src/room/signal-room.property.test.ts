import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MemoryBus } from "@parlor/log";
import { FakeClock } from "@parlor/testkit";
import fc from "fast-check";
import { Counters } from "./counters.ts";
import type { SharedFrames } from "./shared-frames.ts";
import type { SignalForm } from "./signal-frames.ts";
import type { SignalReader } from "./signal-room.ts";
import { SignalRooms } from "./signal-rooms.ts";

const EVERY_MS = 50;
const PEOPLE = ["ada", "bob", "cy", "@server"] as const;

type Act =
  | { readonly kind: "say"; readonly who: number }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "stall" | "take" };

const acts = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("say" as const), who: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(70) }) },
    fc.record({ kind: fc.constantFrom("stall" as const, "take" as const) }),
  ),
  { maxLength: 60 },
) as fc.Arbitrary<Act[]>;

class Reader implements SignalReader {
  readonly from = "ada";
  readonly producer = "producer-1";
  readonly form: SignalForm;
  takesSignals = true;
  readonly told: { readonly from: string; readonly body: number }[] = [];
  readonly times: number[] = [];
  readonly #clock: FakeClock;

  constructor(form: SignalForm, clock: FakeClock) {
    this.form = form;
    this.#clock = clock;
  }

  sendSignals({ texts }: SharedFrames): void {
    this.times.push(this.#clock.monotonic());
    for (const text of texts) {
      const frame = JSON.parse(text) as { signals?: Reader["told"]; from: string; body: number };
      this.told.push(...(frame.signals ?? [{ from: frame.from, body: frame.body }]));
    }
  }
}

describe("the signals of a room, whatever comes between", () => {
  test("[SIGNAL-3] [SIGNAL-6] [SIGNAL-8] each sender's come in order and none twice, each is told, dropped or left out and counted, and a tick is kept", async () => {
    const play = async (all: readonly Act[], form: SignalForm, isTicking: boolean): Promise<void> => {
      const clock = new FakeClock();
      const counters = new Counters();
      const server = { from: "@server", producer: "producer-s" };
      const tick = isTicking ? { everyMs: EVERY_MS, newestPerIdentity: 2 } : null;
      const rooms = new SignalRooms({ bus: new MemoryBus(), clock, counters, server }, () => tick);
      const reader = new Reader(form, clock);
      rooms.acquire("lobby").join(reader);
      const said = new Map<string, number>();
      const serverSaidAt = new Set<number>();
      for (const act of all) {
        if (act.kind === "say") {
          const from = PEOPLE[act.who] ?? "ada";
          const body = (said.get(from) ?? 0) + 1;
          said.set(from, body);
          const producer = from === "@server" ? server.producer : "producer-1";
          rooms.send("lobby", { from, producer, bodyJson: String(body) });
          if (from === "@server") serverSaidAt.add(clock.monotonic());
        } else if (act.kind === "pass") {
          await nextTurn();
          clock.advance(act.ms);
        } else reader.takesSignals = act.kind === "take";
      }
      await nextTurn();
      clock.advance(EVERY_MS);

      for (const from of PEOPLE) {
        const bodies = reader.told.filter((each) => each.from === from).map(({ body }) => body);
        assert.deepEqual(
          bodies,
          [...new Set(bodies)].sort((a, b) => a - b),
          `${from} in order, each once`,
        );
      }
      assert.ok(
        reader.told.every(({ from }) => from !== "ada"),
        "not its own",
      );
      const all_ = [...said.values()].reduce((sum, count) => sum + count, 0);
      const others = all_ - (said.get("ada") ?? 0);
      assert.equal(counters.signalsDelivered, reader.told.length);
      const accounted = counters.signalsDelivered + counters.signalsDropped + counters.signalsThinned;
      // Those of the reader itself may have been left out too, and are counted then.
      assert.ok(accounted >= others && accounted <= all_, `${accounted} of ${others} to ${all_}`);
      if (!isTicking) {
        assert.equal(accounted, others);
        return;
      }
      for (const [index, ms] of reader.times.entries()) {
        const before = reader.times[index - 1] ?? -Infinity;
        // A write within a tick is one that the server's own word brought about, at that moment.
        assert.ok(ms - before >= EVERY_MS || serverSaidAt.has(ms), `a write ${ms - before} ms after another`);
      }
    };
    await fc.assert(
      fc.asyncProperty(acts, fc.constantFrom<SignalForm>("single", "batched"), fc.boolean(), play),
      { numRuns: 200 },
    );
  });
});
