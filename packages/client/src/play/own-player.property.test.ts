import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { OwnPlayer } from "./own-player.ts";

const TICK_MS = 50;

interface Body {
  readonly x: number;
  readonly v: number;
}

const step = ({ x, v }: Body, push: number): Body => {
  const speed = (v + push) * 0.8;
  return { x: x + speed * (TICK_MS / 1_000), v: speed };
};
const own = (leap?: number): OwnPlayer<Body, number> =>
  new OwnPlayer({
    tickMs: TICK_MS,
    step,
    placeAt: ({ x, v }, seconds) => ({ x: x + v * seconds, y: 0 }),
    leap,
  });

describe("OwnPlayer", () => {
  test("[PLAY-5] wherever the server has it, it is drawn without a jump, and comes to stand there", () => {
    const ticks = fc.array(
      fc.record({
        push: fc.integer({ min: -100, max: 100 }),
        shove: fc.integer({ min: -40, max: 40 }),
        isSent: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(ticks, fc.integer({ min: 0, max: 8 }), (each, lag) => {
        const player = own();
        assert.equal(player.at(0), null);
        let body: Body = { x: 0, v: 0 };
        const told = [{ body, number: 0 }];
        let number = 0;
        const still = Array.from({ length: 60 }, () => ({ push: 0, shove: 0, isSent: true }));
        for (const [tick, { push, shove, isSent }] of [...each, ...still].entries()) {
          const nowMs = tick * TICK_MS;
          const heard = told[Math.max(0, tick - lag)] ?? { body, number };
          const drawn = player.at(nowMs)?.x;
          player.hear(heard.body, heard.number, nowMs);
          player.say(push, nowMs, (next) => {
            if (isSent) number = next;
            return isSent;
          });
          // Neither what it says nor what it hears moves it in that very moment.
          if (drawn !== undefined) assert.ok(Math.abs((player.at(nowMs)?.x ?? NaN) - drawn) < 1e-9);
          if (isSent) body = step(body, push);
          body = { x: body.x + shove, v: body.v };
          told.push({ body, number });
        }
        const end = (each.length + still.length) * TICK_MS;
        assert.ok(Math.abs((player.at(end)?.x ?? NaN) - body.x) < 0.5);
      }),
    );
  });

  test("[PLAY-5] what could not be sent has no number and moves nothing, and an answer's time is told", () => {
    const player = own();
    player.hear({ x: 0, v: 0 }, 0, 0);
    const numbers: number[] = [];
    player.say(100, 0, (number) => numbers.push(number) === 0);
    assert.deepEqual(player.at(40), { x: 0, y: 0 });
    player.say(100, 0, (number) => numbers.push(number) > 0);
    assert.deepEqual(numbers, [1, 1]);
    assert.ok((player.at(40)?.x ?? 0) > 0);
    assert.equal(player.answerMs, null);
    player.hear({ x: 4, v: 80 }, 1, 120);
    assert.equal(player.answerMs, 120);
  });

  test("[PLAY-5] who was put somewhere else is there at once", () => {
    const player = own(50);
    player.hear({ x: 0, v: 0 }, 0, 0);
    player.hear({ x: 49, v: 0 }, 0, 10);
    assert.ok((player.at(10)?.x ?? NaN) < 1e-9);
    player.hear({ x: 500, v: 0 }, 0, 1_000);
    assert.equal(player.at(1_000)?.x, 500);
  });
});
