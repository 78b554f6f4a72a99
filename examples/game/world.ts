import { type Random, seededRandom } from "@parlor/base";

/**
 * The world and its rules: pure, so that the same seed and the same inputs give the same world, on any machine
 * and in any test. Whoever picks up a gem has a point; whoever is rammed by somebody quicker drops one.
 */
export const WIDTH = 1600;
export const HEIGHT = 1000;
export const RADIUS = 22;
export const GEM_RADIUS = 9;

const GEMS = 24;
const ACCELERATION = 1_500;
const DRAG = 3.2;
/** Of two that close in at this speed or above, the slower one drops a gem; units a second. */
const RAM_SPEED = 300;
const DROP_DISTANCE = 110;

/** Where something is, and how fast it moves, units a second. */
export interface Body {
  x: number;
  y: number;
  vx: number;
  vy: number;
}

export interface Player extends Body {
  readonly id: string;
  /** Which of the world's places it has; the short name of a player in frames. */
  readonly slot: number;
  score: number;
}

/** Where a player steers: a direction, at most 1 long. */
export interface Input {
  readonly x: number;
  readonly y: number;
}

export interface Gem {
  x: number;
  y: number;
}

export interface World {
  readonly random: Random;
  readonly players: Map<string, Player>;
  readonly gems: Gem[];
}

export function createWorld(seed: number): World {
  const random = seededRandom(seed);
  return { random, players: new Map(), gems: Array.from({ length: GEMS }, () => somewhere(random)) };
}

export function addPlayer(world: World, id: string, slot: number, score = 0): Player {
  const player = { id, slot, ...somewhere(world.random), vx: 0, vy: 0, score };
  world.players.set(id, player);
  return player;
}

/** Moves the world on by `dt` seconds. Who has no input rolls out. */
export function step(world: World, inputs: ReadonlyMap<string, Input>, dt: number): void {
  const players = [...world.players.values()];
  for (const player of players) move(player, inputs.get(player.id) ?? { x: 0, y: 0 }, dt);
  for (const [index, one] of players.entries())
    for (const other of players.slice(index + 1)) collide(world, one, other);
  for (const player of players) collect(world, player);
}

/** One alone, as pages also move their own player before the server has. */
export function move(body: Body, input: Input, dt: number): void {
  // A stranger's hand-made input is no quicker than anybody's.
  const thrust = (ACCELERATION * dt) / Math.max(1, Math.hypot(input.x, input.y));
  const kept = Math.exp(-DRAG * dt);
  body.vx = (body.vx + input.x * thrust) * kept;
  body.vy = (body.vy + input.y * thrust) * kept;
  body.x += body.vx * dt;
  body.y += body.vy * dt;
  if (body.x !== (body.x = inside(body.x, WIDTH))) body.vx *= -0.7;
  if (body.y !== (body.y = inside(body.y, HEIGHT))) body.vy *= -0.7;
}

/** Equal weights that bounce wholly: they give each other the speed along the line between them. */
function collide(world: World, one: Player, other: Player): void {
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  const distance = Math.hypot(dx, dy);
  if (distance >= 2 * RADIUS) return;
  // Two in exactly one place part along the x axis.
  const [nx, ny] = distance === 0 ? [1, 0] : [dx / distance, dy / distance];
  const closing = Math.max(0, (one.vx - other.vx) * nx + (one.vy - other.vy) * ny);
  const isOneQuicker = Math.hypot(one.vx, one.vy) >= Math.hypot(other.vx, other.vy);
  for (const [player, way] of [
    [one, -1],
    [other, 1],
  ] as const) {
    const push = way * (RADIUS - distance / 2);
    player.x = inside(player.x + nx * push, WIDTH);
    player.y = inside(player.y + ny * push, HEIGHT);
    player.vx += way * closing * nx;
    player.vy += way * closing * ny;
  }
  const rammed = isOneQuicker ? other : one;
  if (closing < RAM_SPEED || rammed.score === 0) return;
  rammed.score -= 1;
  const away = isOneQuicker ? DROP_DISTANCE : -DROP_DISTANCE;
  world.gems.push({ x: inside(rammed.x + nx * away, WIDTH), y: inside(rammed.y + ny * away, HEIGHT) });
}

function collect(world: World, player: Player): void {
  for (let index = world.gems.length - 1; index >= 0; index -= 1) {
    const gem = world.gems[index] as Gem;
    if (Math.hypot(gem.x - player.x, gem.y - player.y) >= RADIUS + GEM_RADIUS) continue;
    player.score += 1;
    // One that somebody dropped is gone; the others are always as many.
    if (world.gems.length > GEMS) world.gems.splice(index, 1);
    else world.gems[index] = somewhere(world.random);
  }
}

function inside(value: number, size: number): number {
  return Math.min(size - RADIUS, Math.max(RADIUS, value));
}

function somewhere(random: Random): Gem {
  return { x: RADIUS + random() * (WIDTH - 2 * RADIUS), y: RADIUS + random() * (HEIGHT - 2 * RADIUS) };
}
