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

export interface Player {
  readonly id: string;
  /** Which of the world's places it has; the short name of a player in frames. */
  readonly slot: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
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
  seed: number;
  readonly players: Map<string, Player>;
  readonly gems: Gem[];
}

export function createWorld(seed: number): World {
  const world: World = { seed, players: new Map(), gems: [] };
  while (world.gems.length < GEMS) world.gems.push(somewhere(world));
  return world;
}

export function addPlayer(world: World, id: string, slot: number, score = 0): Player {
  const player = { id, slot, ...somewhere(world), vx: 0, vy: 0, score };
  world.players.set(id, player);
  return player;
}

/** Moves the world on by `dt` seconds. Who has no input rolls out. */
export function step(world: World, inputs: ReadonlyMap<string, Input>, dt: number): void {
  const players = [...world.players.values()];
  for (const player of players) move(player, inputs.get(player.id) ?? { x: 0, y: 0 }, dt);
  players.forEach((one, index) => {
    for (const other of players.slice(index + 1)) collide(world, one, other);
  });
  for (const player of players) collect(world, player);
}

function move(player: Player, input: Input, dt: number): void {
  // A stranger's hand-made input is no quicker than anybody's.
  const thrust = (ACCELERATION * dt) / Math.max(1, Math.hypot(input.x, input.y));
  const kept = Math.exp(-DRAG * dt);
  player.vx = (player.vx + input.x * thrust) * kept;
  player.vy = (player.vy + input.y * thrust) * kept;
  player.x += player.vx * dt;
  player.y += player.vy * dt;
  if (player.x !== (player.x = inside(player.x, WIDTH))) player.vx *= -0.7;
  if (player.y !== (player.y = inside(player.y, HEIGHT))) player.vy *= -0.7;
}

function collide(world: World, one: Player, other: Player): void {
  const dx = other.x - one.x;
  const dy = other.y - one.y;
  const distance = Math.hypot(dx, dy);
  if (distance >= 2 * RADIUS) return;
  // Two in exactly one place part along the x axis.
  const [nx, ny] = distance === 0 ? [1, 0] : [dx / distance, dy / distance];
  const push = (2 * RADIUS - distance) / 2;
  one.x = inside(one.x - nx * push, WIDTH);
  one.y = inside(one.y - ny * push, HEIGHT);
  other.x = inside(other.x + nx * push, WIDTH);
  other.y = inside(other.y + ny * push, HEIGHT);
  const closing = (one.vx - other.vx) * nx + (one.vy - other.vy) * ny;
  if (closing <= 0) return;
  const isOneQuicker = Math.hypot(one.vx, one.vy) >= Math.hypot(other.vx, other.vy);
  // Equal weights that bounce wholly give each other the speed along the line between them.
  one.vx -= closing * nx;
  one.vy -= closing * ny;
  other.vx += closing * nx;
  other.vy += closing * ny;
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
    else world.gems[index] = somewhere(world);
  }
}

function inside(value: number, size: number): number {
  return Math.min(size - RADIUS, Math.max(RADIUS, value));
}

function somewhere(world: World): Gem {
  return {
    x: RADIUS + chance(world) * (WIDTH - 2 * RADIUS),
    y: RADIUS + chance(world) * (HEIGHT - 2 * RADIUS),
  };
}

/** From 0 to below 1, of the world's own seed (mulberry32). */
function chance(world: World): number {
  world.seed = (world.seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(world.seed ^ (world.seed >>> 15), world.seed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
