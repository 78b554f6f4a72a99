import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Gathering } from "./gathering.ts";

/** A fan-out like the one before it. */
function spend(gathering: Gathering, costMs: number, endedMs: number): void {
  gathering.spent(costMs, endedMs - costMs);
  gathering.spent(costMs, endedMs);
}

describe("gathering", () => {
  test("[SLOW-5] a room whose fan-out is cheap sends at once", () => {
    const gathering = new Gathering(10);
    assert.equal(gathering.waitMs(0), 0);
    for (let i = 0; i < 3; i++) gathering.spent(0.05, 100);
    assert.equal(gathering.waitMs(100), 0);
  });

  test("[SLOW-5] a room whose fan-out is dear leaves a gap behind it, never longer than the bound", () => {
    const gathering = new Gathering(10);
    spend(gathering, 2, 100);
    assert.ok(gathering.waitMs(100) > 1 && gathering.waitMs(100) <= 10);
    spend(gathering, 8, 1_000);
    assert.equal(gathering.waitMs(1_000), 10);
    assert.equal(gathering.waitMs(1_004), 6);
    for (let i = 0; i < 60; i++) gathering.spent(0.01, 2_000);
    assert.equal(gathering.waitMs(2_000), 0, "cheap again");
  });

  test("[SLOW-5] a room that was quiet sends at once, however dear its fan-out", () => {
    const gathering = new Gathering(10);
    spend(gathering, 8, 1_000);
    assert.equal(gathering.waitMs(1_010), 0);
    spend(gathering, 500, 2_000);
    assert.equal(gathering.waitMs(4_000), 0);
  });

  test("[SLOW-5] where fan-outs take a good part of the core, the gap begins with the first message", () => {
    const gathering = new Gathering(10);
    for (let endedMs = 0; endedMs <= 200; endedMs += 20) gathering.spent(5, endedMs);
    assert.equal(gathering.waitMs(200), 10);
    assert.equal(gathering.waitMs(215), 10, "5 ms after the gap behind the last one is over");
    assert.equal(gathering.waitMs(3_000), 0, "quiet again");
  });

  test("[SLOW-5] a cheap room that is asked often waits about as long as it costs", () => {
    const gathering = new Gathering(10);
    for (let endedMs = 0; endedMs <= 200; endedMs += 2) gathering.spent(0.2, endedMs);
    assert.ok(gathering.waitMs(201) <= 1);
  });

  test("[SLOW-5] one dear fan-out among cheap ones is an accident, and delays nothing", () => {
    const gathering = new Gathering(10);
    for (const costMs of [0.05, 80, 0.05]) {
      gathering.spent(costMs, 100);
      assert.equal(gathering.waitMs(100), 0);
    }
  });
});
