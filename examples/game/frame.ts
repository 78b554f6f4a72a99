import type { Body, World } from "./world.ts";

/** What page and server agree on. */
export const WORLD_ROOM = "arena";
/** Nobody subscribes to it, so that what each player says goes to the server and not to 49 others. */
export const INPUT_ROOM = "arena/input";
export const MAX_PLAYERS = 50;
export const TICK_MS = 50;
/** The numbers of inputs count round, to stay short in every frame. */
export const NUMBERS = 256;

/**
 * One tick of the world, as everybody gets it: which world, which tick, six numbers for each player (slot, x, y, speed
 * along both, number of its newest input), and x, y for each gem. Whole numbers without names: a third of the bytes.
 */
export type Frame = readonly [
  world: number,
  tick: number,
  players: readonly number[],
  gems: readonly number[],
];

/** @param numbers Of each player's newest input. */
export function frameOf(id: number, tick: number, world: World, numbers: Map<string, number>): Frame {
  const players = [...world.players.values()].flatMap(({ id: who, slot, x, y, vx, vy }) =>
    [slot, x, y, vx, vy, numbers.get(who) ?? 0].map(Math.round),
  );
  return [id, tick, players, world.gems.flatMap(({ x, y }) => [Math.round(x), Math.round(y)])];
}

export interface FramePlayer extends Readonly<Body> {
  readonly number: number;
}

/** The players of a frame, by slot. */
export function playersOf([, , numbers]: Frame): Map<number, FramePlayer> {
  const players = new Map<number, FramePlayer>();
  for (let at = 0; at < numbers.length; at += 6) {
    const [slot = 0, x = 0, y = 0, vx = 0, vy = 0, number = 0] = numbers.slice(at, at + 6);
    players.set(slot, { x, y, vx, vy, number });
  }
  return players;
}

/** What a player says once a tick: the input's number, the direction in hundredths, and how full the arena shall be. */
export type InputBody = readonly [number: number, x: number, y: number, fill: number];

/** Bodies are what strangers say: null where it is no input. */
export function readInput(body: unknown): InputBody | null {
  const [number, x, y, fill, ...more] = Array.isArray(body) ? (body as unknown[]) : [];
  const isIn = (value: unknown, from: number, to: number): boolean =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
  if (more.length > 0 || !isIn(number, 0, NUMBERS - 1) || !isIn(fill, 0, MAX_PLAYERS)) return null;
  return isIn(x, -100, 100) && isIn(y, -100, 100) ? (body as InputBody) : null;
}
