import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { FullStreams } from "./full-streams.ts";

describe("streams without room", () => {
  test("[NATS-16] what one stream stores says nothing of another that is full", () => {
    const told: (string | null)[] = [];
    const full = new FullStreams(new FakeClock(), (message) => told.push(message));
    full.refused("a", 10, "a is full");
    full.took("b");
    assert.deepEqual(told, ["a is full"]);
    full.refused("b", 10, "b is full");
    full.took("a");
    full.took("b");
    assert.deepEqual(told, ["a is full", "a is full", "b is full", null]);
  });

  test("[NATS-16] a stream is full until there is room for what it refused, and for ten seconds where that can't be seen", () => {
    const clock = new FakeClock();
    const told: (string | null)[] = [];
    const full = new FullStreams(clock, (message) => told.push(message));
    full.refused("a", 1_000, "full");
    full.see("a", { bytes: 98_000, maxBytes: 100_000 });
    clock.advance(60_000);
    full.see("a", { bytes: 98_000, maxBytes: 100_000 });
    assert.deepEqual(told, ["full"]);
    full.see("a", { bytes: 90_000, maxBytes: 100_000 });
    assert.deepEqual(told, ["full", null]);
    full.refused("b", 1_000, "full");
    full.see("b", { bytes: 990, maxBytes: -1 });
    assert.deepEqual(told.slice(2), ["full"]);
    clock.advance(10_000);
    full.see("b", { bytes: 990, maxBytes: -1 });
    assert.deepEqual(told.slice(2), ["full", null]);
  });
});
