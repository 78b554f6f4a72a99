import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { Gathering } from "./gathering.ts";
import { PublishTurns } from "./publish-turns.ts";

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
    spend(gathering, 500, 1_000);
    assert.equal(gathering.waitMs(1_000), 10);
    assert.equal(gathering.waitMs(1_004), 6);
    for (let i = 0; i < 60; i++) gathering.spent(0.01, 2_000);
    assert.equal(gathering.waitMs(2_000), 0, "cheap again");
  });

  test("[SLOW-5] a room that was quiet sends at once, however dear its fan-out", () => {
    const gathering = new Gathering(10);
    spend(gathering, 500, 1_000);
    assert.equal(gathering.waitMs(1_010), 0);
  });

  test("[SLOW-5] one dear fan-out among cheap ones is an accident, and delays nothing", () => {
    const gathering = new Gathering(10);
    for (const costMs of [0.05, 80, 0.05]) {
      gathering.spent(costMs, 100);
      assert.equal(gathering.waitMs(100), 0);
    }
  });
});

describe("publish turns", () => {
  /** Publishes that note when they went, to a room whose fan-out took so long. */
  function room(costMs: number) {
    const clock = new FakeClock();
    const gathering = new Gathering(10);
    spend(gathering, costMs, clock.monotonic());
    const turns = new PublishTurns(gathering, clock);
    const gone: string[] = [];
    const publish = async (name: string, bytes = 100): Promise<void> => {
      const turn = turns.next(bytes);
      if (turn !== null) await turn;
      gone.push(name);
    };
    return { clock, gathering, turns, gone, publish };
  }
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test("[SLOW-5] publishes to a room whose fan-out is cheap go to the log at once", async () => {
    const { gone, publish } = room(0.05);
    void publish("a");
    void publish("b");
    assert.deepEqual(gone, ["a", "b"]);
  });

  test("[SLOW-5] publishes to a room that gathers go to the log together, in order; the first does not wait", async () => {
    const { clock, gone, publish } = room(5);
    void publish("a");
    assert.deepEqual(gone, ["a"]);
    void publish("b");
    clock.advance(2);
    void publish("c");
    clock.advance(1);
    await settle();
    assert.deepEqual(gone, ["a"]);
    clock.advance(1);
    await settle();
    assert.deepEqual(gone, ["a", "b", "c"]);
    clock.advance(4);
    void publish("d");
    assert.deepEqual(gone, ["a", "b", "c", "d"]);
  });

  test("[SLOW-5] a frame's worth of waiting publishes goes to the log at once", async () => {
    const { gone, publish } = room(5);
    void publish("a");
    void publish("b", 30_000);
    void publish("c", 30_000);
    void publish("d");
    await settle();
    assert.deepEqual(gone, ["a", "b", "c"]);
  });

  test("[ORDER-2] nobody overtakes those whose turn has just come", async () => {
    const { gathering, turns, gone, publish } = room(5);
    void publish("a");
    void publish("b");
    void publish("c");
    turns.letGo();
    for (let i = 0; i < 60; i++) gathering.spent(0.01, 0);
    void publish("d");
    await settle();
    assert.deepEqual(gone, ["a", "b", "c", "d"]);
    void publish("e");
    assert.deepEqual(gone, ["a", "b", "c", "d", "e"], "and nobody waits once they are gone");
  });
});
