import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { signalCost, SignalRates } from "./signal-rates.ts";

describe("the rates of signals", () => {
  test("[SIGNAL-12] identities that one address makes for its sends share 20 times one rate", () => {
    const rates = new SignalRates(10);
    let taken = 0;
    for (let index = 0; index < 1_000; index++) {
      if (rates.ofSender(`identity-${index}`, "192.0.2.1").take(1, 0)) taken += 1;
    }
    assert.equal(taken, 200);
    assert.equal(rates.ofSender("identity-of-elsewhere", "192.0.2.2").take(1, 0), true);
  });

  test("[SIGNAL-5] a second brings as many as the rate says, and no more than that are saved up", () => {
    const rate = new SignalRates(10).ofConnection(0);
    const takeAll = (nowMs: number): number => {
      let taken = 0;
      while (rate.take(1, nowMs)) taken += 1;
      return taken;
    };
    assert.deepEqual([takeAll(0), takeAll(500), takeAll(60_000)], [10, 5, 10]);
  });

  test("[SIGNAL-5] a large body takes several, the last of them as far as they reach", () => {
    assert.deepEqual([0, 4_096, 4_097, 65_536].map(signalCost), [1, 1, 2, 16]);
    const rate = new SignalRates(20).ofConnection(0);
    assert.deepEqual([rate.take(16, 0), rate.take(16, 0), rate.take(1, 0)], [true, true, false]);
  });
});
