import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Prediction } from "./prediction.ts";

interface Steered {
  readonly number: number;
  readonly x: number;
}

/** Rules in which the order of inputs matters. */
function step(state: number, { x }: Steered): number {
  return (state * 3 + x) % 1_000_003;
}

describe("Prediction", () => {
  test("[PLAY-3] whatever the way loses and delays, it is where the server comes to with all that was said", () => {
    const saying = fc.record({
      x: fc.integer({ min: 0, max: 9 }),
      /** Ticks that pass before the server says where it is again; it may say so not at all. */
      isTold: fc.boolean(),
      lag: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(saying, { minLength: 1, maxLength: 60 }), (sayings) => {
        const prediction = new Prediction<number, Steered>(step);
        const states = [1];
        assert.equal(prediction.heard(1, -1), null);
        let heard = 0;
        sayings.forEach(({ x, isTold, lag }, index) => {
          const input = { number: (index + 1) % 256, x };
          prediction.said(input);
          states.push(step(states.at(-1) as number, input));
          assert.equal(prediction.state, states.at(-1), "at once");
          const at = Math.max(heard, states.length - 1 - lag);
          if (!isTold) return;
          const answered = prediction.heard(states[at] as number, at % 256);
          assert.equal(answered?.number ?? null, at > heard ? at % 256 : null, "answered once");
          heard = at;
          assert.equal(prediction.state, states.at(-1), "and not moved by being told");
        });
      }),
    );
  });

  test("[PLAY-3] where the server has it elsewhere, what was said since leads on from there", () => {
    const prediction = new Prediction<number, Steered>((x, { x: by }) => x + by);
    assert.equal(prediction.state, null);
    prediction.said({ number: 1, x: 5 });
    assert.equal(prediction.state, null, "before the server has spoken it is nowhere");
    prediction.heard(100, 0);
    assert.equal(prediction.state, 105);
    prediction.said({ number: 2, x: 5 });
    assert.equal(prediction.heard(40, 1)?.number, 1);
    assert.equal(prediction.state, 45);
    prediction.clear();
    assert.equal(prediction.state, null);
  });

  test("[PLAY-4] what the server never answers is forgotten beyond 64 inputs", () => {
    let steps = 0;
    const prediction = new Prediction<number, Steered>((x) => {
      steps += 1;
      return x;
    });
    for (let number = 1; number <= 200; number += 1) prediction.said({ number, x: 1 });
    prediction.heard(0, 0);
    assert.equal(steps, 64);
  });
});
