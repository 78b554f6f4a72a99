import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { botInput } from "./bots.ts";
import {
  addPlayer,
  createWorld,
  HEIGHT,
  type Input,
  type Player,
  RADIUS,
  step,
  WIDTH,
  type World,
} from "./world.ts";

const DT = 0.05;
const NOBODY: ReadonlyMap<string, Input> = new Map();

function placed(world: World, id: string, at: Partial<Player>): Player {
  return Object.assign(addPlayer(world, id, world.players.size), at);
}

describe("the game's world", () => {
  test("the same seed and the same inputs give the same world, whatever they are", () => {
    const inputs = fc.array(
      fc.record({
        x: fc.double({ min: -1, max: 1, noNaN: true }),
        y: fc.double({ min: -1, max: 1, noNaN: true }),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(fc.integer(), inputs, (seed, steers) => {
        const worlds = [createWorld(seed), createWorld(seed)];
        for (const world of worlds) {
          for (let slot = 0; slot < 12; slot += 1) addPlayer(world, `p${slot}`, slot);
          for (const input of steers)
            step(
              world,
              new Map([
                ["p0", input],
                ["p1", { x: -input.x, y: input.y }],
              ]),
              DT,
            );
        }
        const [one, other] = worlds.map(({ players, gems }) => ({ players, gems }));
        assert.deepEqual(one, other);
      }),
      { numRuns: 40 },
    );
  });

  test("fifty bots stay inside, keep a finite speed, and gather gems", () => {
    const world = createWorld(7);
    for (let slot = 0; slot < 50; slot += 1) addPlayer(world, `bot-${slot}`, slot);
    for (let tick = 0; tick < 600; tick += 1) {
      step(world, new Map([...world.players.values()].map((bot) => [bot.id, botInput(world, bot)])), DT);
      for (const { x, y, vx, vy, score } of world.players.values()) {
        assert.ok(x >= RADIUS && x <= WIDTH - RADIUS && y >= RADIUS && y <= HEIGHT - RADIUS, `${x}, ${y}`);
        assert.ok(Math.hypot(vx, vy) < 2_000);
        assert.ok(score >= 0);
      }
      assert.ok(world.gems.length >= 24);
    }
    assert.ok(points(world) > 100, `bots gathered ${points(world)} gems in half a minute`);
  });

  test("a player goes where it steers, no quicker for a longer input, and rolls out", () => {
    const world = createWorld(1);
    world.gems.length = 0;
    const fair = placed(world, "fair", { x: 300, y: 200 });
    const cheat = placed(world, "cheat", { x: 300, y: 700 });
    const inputs = new Map([
      ["fair", { x: 1, y: 0 }],
      ["cheat", { x: 40, y: 0 }],
    ]);
    for (let tick = 0; tick < 20; tick += 1) step(world, inputs, DT);
    assert.ok(fair.x > 450);
    assert.equal(cheat.x, fair.x);
    for (let tick = 0; tick < 100; tick += 1) step(world, NOBODY, DT);
    assert.ok(Math.hypot(fair.vx, fair.vy) < 1);
  });

  test("who picks up a gem has a point, and another gem lies elsewhere", () => {
    const world = createWorld(1);
    const player = placed(world, "a", { x: 800, y: 500 });
    world.gems[0] = { x: 805, y: 500 };
    const count = world.gems.length;
    step(world, NOBODY, DT);
    assert.ok(player.score >= 1);
    assert.equal(world.gems.length, count);
  });

  test("of two that meet at speed the slower one drops a gem and is thrown on; at a walk nothing drops", () => {
    for (const [speed, dropped] of [
      [600, 1],
      [100, 0],
    ] as const) {
      const world = createWorld(1);
      world.gems.forEach((gem) => Object.assign(gem, { x: 1_500, y: 950 }));
      const quick = placed(world, "quick", { x: 500, y: 300, vx: speed, score: 3 });
      const slow = placed(world, "slow", { x: 545, y: 300, score: 3 });
      const gems = world.gems.length;
      for (let tick = 0; tick < 3; tick += 1) step(world, NOBODY, DT);
      assert.deepEqual([quick.score, slow.score], [3, 3 - dropped]);
      assert.equal(world.gems.length, gems + dropped);
      assert.ok(slow.vx > 0 && slow.vx > quick.vx);
    }
  });

  test("who has no gem drops none, and two in exactly one place part", () => {
    const world = createWorld(1);
    world.gems.forEach((gem) => Object.assign(gem, { x: 1_500, y: 950 }));
    const one = placed(world, "one", { x: 500, y: 300, vx: 900 });
    const other = placed(world, "other", { x: 500, y: 300 });
    for (let tick = 0; tick < 5; tick += 1) step(world, NOBODY, DT);
    assert.deepEqual([one.score, other.score], [0, 0]);
    assert.ok(Math.hypot(one.x - other.x, one.y - other.y) >= 2 * RADIUS - 1);
  });
});

function points(world: World): number {
  return [...world.players.values()].reduce((sum, { score }) => sum + score, 0);
}
