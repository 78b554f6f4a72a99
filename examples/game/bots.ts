import type { Input, Player, World } from "./world.ts";

const STRENGTH = 0.6;

/** Where a bot steers: to the gem that is nearest, each with a bent of its own so that they do not flock. */
export function botInput(world: World, bot: Player): Input {
  // A few gems count as further away, others for each bot.
  const farness = world.gems.map(
    ({ x, y }, index) => Math.hypot(x - bot.x, y - bot.y) + ((index * 7 + bot.slot * 13) % 5) * 130,
  );
  const gem = world.gems[farness.indexOf(Math.min(...farness))];
  if (gem === undefined) return { x: 0, y: 0 };
  const [dx, dy] = [gem.x - bot.x - bot.vx * 0.25, gem.y - bot.y - bot.vy * 0.25];
  const length = Math.hypot(dx, dy) || 1;
  return { x: (dx / length) * STRENGTH, y: (dy / length) * STRENGTH };
}
