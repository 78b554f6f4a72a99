import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Seat, Seats } from "./seats.ts";

const MAX = 6;
const GONE_MS = 300;
const TICK_MS = 50;

const people = (seats: readonly Seat<number>[]): Seat<number>[] => seats.filter(({ isBot }) => !isBot);

describe("Seats", () => {
  test("[PLAY-7] whoever speaks, is silent and comes back, nobody shares a slot or loses it, and bots have what is left", () => {
    const said = fc.record({ who: fc.integer({ min: 0, max: 9 }), times: fc.integer({ min: 0, max: 4 }) });
    const ticks = fc.array(fc.record({ said: fc.array(said, { maxLength: 4 }), fill: fc.nat(9) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(ticks, (each) => {
        const seats = new Seats<number>({ maxPlayers: MAX, goneMs: GONE_MS });
        /** What the rules say: when each was heard, and its inputs that wait. */
        const model = new Map<string, { heardMs: number; waiting: number[]; input: number | null }>();
        let before = new Map<string, number>();
        let number = 0;
        for (const [tick, { said: sayings, fill }] of each.entries()) {
          const nowMs = tick * TICK_MS;
          for (const { who, times } of sayings) {
            for (let time = 0; time < times; time += 1) {
              const id = `p${who}`;
              const isIn = model.has(id) || model.size < MAX;
              assert.equal(seats.hear(id, (number += 1), nowMs), isIn);
              if (!isIn) continue;
              const { waiting, input } = model.get(id) ?? { waiting: [], input: null };
              model.set(id, { heardMs: nowMs, waiting: [...waiting, number].slice(-2), input });
            }
          }
          const here = seats.turn(nowMs, fill);
          for (const [id, { heardMs }] of model) if (nowMs - heardMs > GONE_MS) model.delete(id);
          assert.deepEqual(new Set(people(here).map(({ id }) => id)), new Set(model.keys()));
          assert.equal(here.length, model.size === 0 ? 0 : Math.max(model.size, Math.min(fill, MAX)));
          const slots = here.map(({ slot }) => slot);
          assert.equal(new Set(slots).size, slots.length);
          assert.ok(slots.every((slot) => slot >= 0 && slot < MAX));
          for (const { id, slot, isBot, input } of here) {
            assert.equal(before.get(id) ?? slot, slot, "its slot stays its own");
            const person = model.get(id);
            if (person !== undefined) {
              person.input = person.waiting.shift() ?? person.input;
              assert.equal(input, person.input);
            }
            if (isBot) assert.deepEqual([id, input], [`bot-${slot}`, null]);
          }
          before = new Map(people(here).map(({ id, slot }) => [id, slot]));
        }
      }),
    );
  });

  test("[PLAY-7] a person has one input a tick, in order, the oldest left out above two, and steers on by the last", () => {
    const seats = new Seats<number>({});
    const inputs = (): (number | null)[] => seats.turn(0).map(({ input }) => input);
    seats.hear("ada", 1, 0);
    seats.hear("ada", 2, 0);
    assert.deepEqual([inputs(), inputs(), inputs()], [[1], [2], [2]]);
    for (const input of [3, 4, 5]) seats.hear("ada", input, 0);
    assert.deepEqual([inputs(), inputs(), inputs()], [[4], [5], [5]]);
  });

  test("[PLAY-7] who was in a world before has its slot back whenever it speaks, unless people have all others", () => {
    const seats = new Seats<number>({ maxPlayers: 3, goneMs: GONE_MS });
    const turn = (nowMs: number): [string, number][] =>
      seats.turn(nowMs, 3).map(({ id, slot }) => [id, slot]);
    seats.hear("ada", 1, 0);
    assert.equal(seats.keep("ada", 2), true);
    assert.equal(seats.keep("bob", 2), false, "another's");
    for (const slot of [-1, 3, 0.5, NaN]) assert.equal(seats.keep("bob", slot), false, `${slot}`);
    assert.equal(seats.keep("bob", 0), true);
    assert.deepEqual(turn(0), [
      ["ada", 2],
      ["bot-1", 1],
      ["bot-0", 0],
    ]);
    assert.equal(seats.keep("ada", 1), false, "it has one");
    // Much later than anybody may be silent.
    seats.hear("ada", 2, 10 * GONE_MS);
    seats.hear("bob", 1, 10 * GONE_MS);
    assert.deepEqual(turn(10 * GONE_MS), [
      ["ada", 2],
      ["bob", 0],
      ["bot-1", 1],
    ]);
    const full = new Seats<number>({ maxPlayers: 2 });
    assert.equal(full.keep("bob", 0), true);
    for (const id of ["ada", "eve"]) full.hear(id, 1, 0);
    assert.deepEqual(
      full.turn(0).map(({ slot }) => slot),
      [1, 0],
    );
    // Bob's went to Eve, and Ada leaves.
    full.hear("eve", 2, 5_001);
    assert.equal(full.turn(5_001).length, 1);
    full.hear("bob", 1, 5_001);
    assert.deepEqual(
      full.turn(5_001).map(({ id, slot }) => [id, slot]),
      [
        ["eve", 0],
        ["bob", 1],
      ],
    );
    // A bot that came first sits where Bob is expected, and makes way.
    const busy = new Seats<number>({ maxPlayers: 3 });
    busy.hear("ada", 1, 0);
    busy.turn(0, 3);
    assert.equal(busy.keep("bob", 1), true);
    busy.hear("bob", 1, 0);
    assert.deepEqual(
      busy.turn(0, 3).map(({ id, slot }) => [id, slot]),
      [
        ["ada", 0],
        ["bob", 1],
        ["bot-2", 2],
      ],
    );
  });
});
