import assert from "node:assert/strict";
import { test } from "node:test";
import { placesBetween } from "./between.ts";
import type { Place } from "./own-player.ts";

const at = (x: number, y: number): Place => ({ x, y });
type World = ReadonlyMap<string, Place>;

test("[PLAY-6] between two snapshots everybody is on the straight way, but for who came, who left, and who leapt", () => {
  const from: World = new Map([
    ["walks", at(0, 100)],
    ["leaps", at(0, 0)],
    ["leaves", at(1, 1)],
  ]);
  const to: World = new Map([
    ["walks", at(40, 80)],
    ["leaps", at(300, 400)],
    ["comes", at(7, 8)],
  ]);
  const places = (ticks: number, leap?: number): object =>
    Object.fromEntries(placesBetween({ from, to, part: 0.25, ticks }, (world) => world, leap));
  const others = { walks: at(10, 95), comes: at(7, 8) };
  assert.deepEqual(places(1, 500), { ...others, leaps: at(300, 400) });
  // Of two ticks one was lost: it went half as far in each.
  assert.deepEqual(places(2, 500), { ...others, leaps: at(75, 100) });
  assert.deepEqual(places(1), { ...others, leaps: at(75, 100) });
});
