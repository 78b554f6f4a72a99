import type { World } from "./world.ts";

/** What page and server agree on. */
export const WORLD_ROOM = "arena";
/** Nobody subscribes to it, so that what each player says goes to the server and not to 49 others. */
export const INPUT_ROOM = "arena/input";
export const MAX_PLAYERS = 50;
export const TICK_MS = 50;
/** The numbers of inputs count round, to stay short in every frame. */
export const NUMBERS = 256;

/**
 * One tick of the world, as everybody gets it: which world, which tick, then slot, x, y and the number of the
 * newest input for each player, and x, y for each gem. Whole numbers without names: half the bytes.
 */
export type Frame = readonly [
  world: number,
  tick: number,
  players: readonly number[],
  gems: readonly number[],
];

export function frameOf(id: number, tick: number, world: World, numbers: ReadonlyMap<string, number>): Frame {
  const players: number[] = [];
  for (const { id: who, slot, x, y } of world.players.values()) {
    players.push(slot, Math.round(x), Math.round(y), numbers.get(who) ?? 0);
  }
  return [id, tick, players, world.gems.flatMap(({ x, y }) => [Math.round(x), Math.round(y)])];
}

/** What a player says: the number of the input, the direction in hundredths, and how full the arena shall be. */
export type InputBody = readonly [number: number, x: number, y: number, fill: number];

/** Bodies are what strangers say: null where it is no input. */
export function readInput(body: unknown): InputBody | null {
  if (!Array.isArray(body) || body.length !== 4) return null;
  const [number, x, y, fill] = body as readonly unknown[];
  if (!isWithin(number, 0, NUMBERS - 1) || !isWithin(fill, 0, MAX_PLAYERS)) return null;
  return isWithin(x, -100, 100) && isWithin(y, -100, 100) ? [number, x, y, fill] : null;
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
